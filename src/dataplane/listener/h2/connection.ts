import { performServerHandshake, type ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { Timer, type TimerOwner } from '../../../base/time/timer-wheel.ts';
import type { ExchangeOrigin } from '../../exchange/exchange.ts';
import { fenced } from '../../wire/fence.ts';
import type { ConnectionContext, DrainableConnection, OpenH2 } from '../connection-context.ts';
import { H2Stream } from './stream.ts';

/** Streams of one client at a time; nginx and Envoy allow 100 to 128. */
const MAX_CONCURRENT_STREAMS = 128;
const FLAG_END_STREAM = 0x1;
/**
 * How much larger than our own limits a head may be before `node:http2` resets its stream: up to here our parser answers 431.
 * A cookie may come in many fields that count as one (RFC 9113 8.2.3).
 */
const HEAD_MARGIN = 2;

/** Opens an HTTP/2 connection; see {@link H2Connection}. */
export const openH2: OpenH2 = (socket, context, origin, clientEntry) =>
  new H2Connection(socket, context, origin, clientEntry);

/** One HTTP/2 connection with prior knowledge (RFC 9113 3.3): every stream is an exchange of its own. */
class H2Connection implements DrainableConnection, TimerOwner {
  private readonly session: ServerHttp2Session;
  private readonly socket: Socket;
  private readonly context: ConnectionContext;
  private readonly clientEntry: number;
  /** Waits for the next request. A timeout of the session itself would keep a closed session in memory until it is due. */
  private readonly timer: Timer = new Timer(this);
  private readonly streams: Set<H2Stream> = new Set();
  private requests = 0;
  private over = false;

  constructor(socket: Socket, context: ConnectionContext, origin: ExchangeOrigin, clientEntry: number) {
    this.socket = socket;
    this.context = context;
    this.clientEntry = clientEntry;
    const { limits, timeouts } = context.settings;
    this.session = performServerHandshake(socket, {
      settings: {
        maxConcurrentStreams: MAX_CONCURRENT_STREAMS,
        maxHeaderListSize: limits.headBytes * HEAD_MARGIN,
        enablePush: false,
      },
      maxHeaderListPairs: limits.headFields * HEAD_MARGIN,
      // A backend that repeats a field breaks a rule that is not ours to enforce; HTTP/1.1 passes it too.
      strictSingleValueFields: false,
    });
    this.session.on('stream', (stream, _headers, flags, raw) => {
      fenced(() => {
        context.wheel.disarm(this.timer);
        const exchange = new H2Stream(stream, context, origin);
        this.streams.add(exchange);
        stream.once('close', () => this.streamClosed(exchange));
        exchange.start(raw, (flags & FLAG_END_STREAM) !== 0);
        if (++this.requests === limits.requestsPerConnection) this.session.close();
      });
    });
    context.wheel.arm(this.timer, timeouts.headerReadMs, 0);
    this.session.on('error', () => this.lost());
    this.session.on('close', () => fenced(() => this.close()));
    socket.on('error', () => undefined);
    // The listener keeps half-open sockets, for HTTP/1; without its sending side an HTTP/2 client is gone.
    socket.on('end', () => this.lost());
    // What is in the socket already, behind a PROXY header, is the session's to read.
    if (socket.readableLength === 0) socket.resume();
  }

  get busy(): boolean {
    return this.streams.size > 0;
  }

  drain(): void {
    this.session.close();
  }

  timerExpired(): void {
    this.session.close();
  }

  destroy(): void {
    // First, so that it is not the clients who are said to have left.
    for (const stream of this.streams) stream.shutDown();
    this.lost();
  }

  private lost(): void {
    this.session.destroy();
    this.socket.destroy();
    this.close();
  }

  private streamClosed(stream: H2Stream): void {
    this.streams.delete(stream);
    if (this.streams.size === 0 && !this.over)
      this.context.wheel.arm(this.timer, this.context.settings.timeouts.idleMs, 0);
  }

  private close(): void {
    if (this.over) return;
    this.over = true;
    this.context.wheel.remove(this.timer);
    this.context.closed(this, this.clientEntry);
  }
}
