import { Timer, type TimerOwner } from '../../../base/time/timer-wheel.ts';
import type { ConnectionContext } from '../connection-context.ts';
import type { Wire, WireOwner } from '../../wire/wire.ts';

/** Longest wait for the client's FIN, once it has taken everything. */
const LINGER_MS = 2_000;
/** Most bytes thrown away while waiting. */
const LINGER_BYTES = 1_048_576;

/**
 * Closes a connection so that its last answer arrives: our side ends first, what the client still sends is thrown away, and
 * the socket closes when the client does, or when it took too long. Closing at once with unread bytes makes the kernel send a
 * reset, which can destroy the answer on its way (RFC 9112 9.6).
 */
export class LingeringClose implements WireOwner, TimerOwner {
  private readonly wire: Wire;
  private readonly context: ConnectionContext;
  private readonly timer: Timer = new Timer(this);
  private readonly over: () => void;
  private discarded = 0;
  private peerEnded = false;
  private unsent = 0;

  /** Takes the wire over; `over` is called once when it is closed. */
  constructor(wire: Wire, context: ConnectionContext, over: () => void) {
    this.wire = wire;
    this.context = context;
    this.over = over;
    wire.owner = this;
    wire.resume();
    wire.end();
    this.wait();
  }

  wireData(_bytes: Buffer, start: number, end: number): void {
    this.discarded += end - start;
    if (this.discarded > LINGER_BYTES) this.close();
  }

  wireEnd(): void {
    this.peerEnded = true;
    if (this.wire.pendingBytes === 0) this.close();
  }

  wireDrained(): void {
    if (this.peerEnded) this.close();
    else this.wait();
  }

  wireBlocked(): void {
    return;
  }

  wireClosed(): void {
    this.close();
  }

  wireDefect(): void {
    this.close();
  }

  timerExpired(): void {
    if (this.unsent > 0 && this.wire.pendingBytes < this.unsent) this.wait();
    else this.close();
  }

  /** Closes now. */
  close(): void {
    this.context.wheel.remove(this.timer);
    this.wire.destroy();
    this.over();
  }

  /** As long as the client takes its answer, the write timeout guards it; the linger time begins behind the last byte. */
  private wait(): void {
    if (this.wire.closed) return;
    this.unsent = this.wire.pendingBytes;
    const { writeMs } = this.context.settings.timeouts;
    this.context.wheel.arm(this.timer, this.unsent > 0 ? writeMs : LINGER_MS, 0);
  }
}
