import type { Socket } from 'node:net';
import { type ProxiedConnection, type ProxyHeaderReading, readProxyHeader } from '../../base/net/proxy-header.ts';
import { Timer, type TimerOwner } from '../../base/time/timer-wheel.ts';
import { fenced } from '../wire/fence.ts';
import { openWire } from '../wire/open.ts';
import { StreamWire } from '../wire/stream-wire.ts';
import type { Wire, WireOwner } from '../wire/wire.ts';
import type { ConnectionContext, DrainableConnection } from './connection-context.ts';

/** Makes the wire of a connection for whoever is to own it. */
type OpenWire = (owner: WireOwner) => Wire;

/** Gets what a connection begins with. At most one of the calls comes. */
export interface ProxyHeaderOwner {
  /**
   * The header is complete.
   *
   * @param connection what it tells; null = the sender speaks for itself
   * @returns who takes the bytes that came behind it; null = whoever took the socket finds them there
   */
  headerRead(connection: ProxiedConnection | null, open: OpenWire): WireOwner | null;
  /** There is none, or it is malformed; the connection is still open. */
  headerInvalid(open: OpenWire): void;
  /** The connection ended before, or took too long, and is closed. */
  headerMissing(): void;
}

/** Reads the PROXY header of a connection before anything else; what follows is left to whoever serves it. */
export function intakeOf(socket: Socket, context: ConnectionContext, owner: ProxyHeaderOwner): DrainableConnection {
  return context.settings.protocol === 'h2c'
    ? new SocketIntake(socket, context, owner)
    : new WireIntake(socket, context, owner);
}

/** The beginning of one connection, within its time. */
class HeaderWait implements TimerOwner {
  private readonly context: ConnectionContext;
  private readonly expired: () => void;
  private readonly timer: Timer = new Timer(this);
  /** What came of a header that comes in pieces. */
  private stash: Buffer | null = null;
  over = false;

  constructor(context: ConnectionContext, expired: () => void) {
    this.context = context;
    this.expired = expired;
    context.wheel.arm(this.timer, context.settings.timeouts.headerReadMs, 0);
  }

  timerExpired(): void {
    this.expired();
  }

  /** Looks at the next bytes, which are lent; null = the header is not complete. What follows it is in the buffer of the answer. */
  take(bytes: Buffer, start: number, end: number): ReadBeginning | null {
    const from = this.stash === null ? { bytes, start, end } : joined(this.stash, bytes, start, end);
    const reading = readProxyHeader(from.bytes, from.start, from.end);
    if (reading.kind !== 'open') {
      this.stop();
      return { reading, ...from };
    }
    this.stash = Buffer.copyBytesFrom(from.bytes, from.start, from.end - from.start);
    return null;
  }

  stop(): void {
    this.over = true;
    this.stash = null;
    this.context.wheel.remove(this.timer);
  }
}

/** A beginning that is complete, in one buffer with what follows. */
interface ReadBeginning {
  readonly reading: Exclude<ProxyHeaderReading, { readonly kind: 'open' }>;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

function joined(first: Buffer, bytes: Buffer, start: number, end: number): Omit<ReadBeginning, 'reading'> {
  // One byte more than there is: readers may write behind the end.
  const all = Buffer.allocUnsafe(first.length + end - start + 1);
  first.copy(all);
  bytes.copy(all, first.length, start, end);
  return { bytes: all, start: 0, end: all.length - 1 };
}

/** HTTP/1: the wire that the header is read from is the one that requests are read from. */
class WireIntake implements WireOwner, DrainableConnection {
  readonly busy = false;
  private readonly wait: HeaderWait;
  private readonly owner: ProxyHeaderOwner;
  private readonly wire: Wire;

  constructor(socket: Socket, context: ConnectionContext, owner: ProxyHeaderOwner) {
    this.owner = owner;
    this.wait = new HeaderWait(context, () => this.destroy());
    this.wire = openWire(socket, this);
  }

  wireData(bytes: Buffer, start: number, end: number): void {
    const begun = this.wait.take(bytes, start, end);
    if (begun === null) return;
    const open: OpenWire = (owner) => {
      this.wire.owner = owner;
      return this.wire;
    };
    if (begun.reading.kind === 'invalid') {
      this.owner.headerInvalid(open);
      return;
    }
    const { connection, length } = begun.reading;
    const taker = this.owner.headerRead(connection, open);
    const from = begun.start + length;
    if (from < begun.end && !this.wire.closed) taker?.wireData(begun.bytes, from, begun.end);
  }

  wireEnd(): void {
    this.destroy();
  }

  wireClosed(): void {
    this.destroy();
  }

  wireDefect(): void {
    this.destroy();
  }

  wireBlocked(): void {
    return;
  }

  wireDrained(): void {
    return;
  }

  drain(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.wait.over) return;
    this.wait.stop();
    this.wire.destroy();
    this.owner.headerMissing();
  }
}

/** What ends a socket before its header. */
const ENDS = ['end', 'error', 'close'] as const;

/** HTTP/2: `node:http2` takes the socket itself, with what was read too much put back. */
class SocketIntake implements DrainableConnection {
  readonly busy = false;
  private readonly wait: HeaderWait;
  private readonly owner: ProxyHeaderOwner;
  private readonly socket: Socket;
  private readonly onReadable: () => void;
  private readonly onEnd: () => void;

  constructor(socket: Socket, context: ConnectionContext, owner: ProxyHeaderOwner) {
    this.owner = owner;
    this.socket = socket;
    this.wait = new HeaderWait(context, () => this.destroy());
    this.onReadable = () => fenced(() => this.read());
    this.onEnd = () => fenced(() => this.destroy());
    socket.on('readable', this.onReadable);
    for (const event of ENDS) socket.on(event, this.onEnd);
  }

  drain(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.wait.over) return;
    this.wait.stop();
    this.socket.destroy();
    this.owner.headerMissing();
  }

  private read(): void {
    const { socket } = this;
    for (let bytes = nextOf(socket); bytes !== null && !this.wait.over; bytes = nextOf(socket)) {
      const begun = this.wait.take(bytes, 0, bytes.length);
      if (begun === null) continue;
      socket.off('readable', this.onReadable);
      for (const event of ENDS) socket.off(event, this.onEnd);
      this.handOver(begun);
      return;
    }
  }

  private handOver({ reading, bytes, start, end }: ReadBeginning): void {
    const open: OpenWire = (owner) => new StreamWire(this.socket, owner);
    if (reading.kind === 'invalid') {
      this.owner.headerInvalid(open);
      return;
    }
    const from = start + reading.length;
    if (from < end) this.socket.unshift(bytes.subarray(from, end));
    this.owner.headerRead(reading.connection, open);
  }
}

function nextOf(socket: Socket): Buffer | null {
  return socket.read() as Buffer | null;
}
