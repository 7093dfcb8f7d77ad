import type { ErrorCode } from '../../../base/errors/catalogue.ts';
import type { FieldList } from '../../../base/http/field-list.ts';
import { BODY_CHUNKED, BODY_NONE } from '../../../base/http1/framing.ts';
import type { RequestHead } from '../../../base/http1/request-head.ts';
import type { ResponseHead } from '../../../base/http1/response-head.ts';
import { Timer, type TimerOwner } from '../../../base/time/timer-wheel.ts';
import type { BodySource } from '../../exchange/body.ts';
import type { AnsweredRequest, Downstream, TunnelSide } from '../../exchange/downstream.ts';
import { Exchange, type ExchangeOrigin } from '../../exchange/exchange.ts';
import { RequestBody } from '../../exchange/request-body.ts';
import { WireTunnel } from '../../wire/tunnel.ts';
import type { Wire, WireOwner } from '../../wire/wire.ts';
import type { ConnectionContext, DrainableConnection } from '../connection-context.ts';
import { BodyReceiver } from './body-receiver.ts';
import { LingeringClose } from './lingering-close.ts';
import { returnRequestHead, takeRequestHead } from './request-heads.ts';
import { Stash } from './stash.ts';
import { WriteGuard } from './write-guard.ts';
import { ResponseOutput } from './response-output.ts';
import { upgradeHeadText } from './response-text.ts';

/** Request bodies above this are read into buffers that can be passed on without a copy. */
const BULK_BYTES = 65_536;
/** Bytes of pipelined requests that are read ahead of the answer that is running. */
const PIPELINE_BYTES = 65_536;

const WAIT_IDLE = 1;
const WAIT_HEAD = 2;

/** A client's HTTP/1 connection: reads one request after the other, answers in their order (RFC 9112 9.3). */
export class Http1Connection implements WireOwner, TimerOwner, Downstream, BodySource, DrainableConnection {
  readonly wire: Wire;
  responseSource: BodySource | null = null;
  private readonly context: ConnectionContext;
  private readonly origin: ExchangeOrigin;
  private readonly clientEntry: number;
  private readonly timer: Timer = new Timer(this);
  /** Made when the client first does not take everything. */
  private writeGuard: WriteGuard | null = null;
  private exchange: Exchange | null = null;
  /** Null when the request has no body. */
  private receiver: BodyReceiver | null = null;
  /** Bytes that wait: the beginning of a head, or pipelined requests. */
  private readonly output: ResponseOutput;
  private readonly stash: Stash = new Stash();
  private persistent = true;
  private answered = false;
  private reading = false;
  private closing = false;
  private over = false;
  private peerEnded = false;
  /** What the connection became after a switch of protocols. */
  private tunnel: WireTunnel | null = null;
  /** The client does not take what was written. */
  private blocked = false;
  private requests = 0;

  constructor(
    open: (owner: WireOwner) => Wire,
    context: ConnectionContext,
    origin: ExchangeOrigin,
    clientEntry: number,
  ) {
    this.context = context;
    this.origin = origin;
    this.clientEntry = clientEntry;
    this.wire = open(this);
    this.output = new ResponseOutput(this.wire);
    context.wheel.arm(this.timer, context.settings.timeouts.headerReadMs, WAIT_HEAD);
  }

  get busy(): boolean {
    return this.exchange !== null;
  }

  get protocolName(): string {
    return this.exchange?.head.minorVersion === 0 ? 'HTTP/1.0' : 'HTTP/1.1';
  }

  get bodyBytesSent(): number {
    return this.output.bodyBytes;
  }

  get takesInformational(): boolean {
    return this.exchange?.head.minorVersion === 1;
  }

  wireData(bytes: Buffer, start: number, end: number): void {
    const { stash } = this;
    if (stash.empty || this.exchange !== null || this.reading) {
      this.read(bytes, start, end);
      return;
    }
    stash.add(bytes, start, end);
    const tooLong = stash.length >= this.context.settings.limits.headBytes;
    if (!stash.headIsOpen() || tooLong) this.readStash();
  }

  wireEnd(): void {
    const exchange = this.exchange;
    if (exchange === null) {
      this.peerEnded = true;
      // Answers that are finished for the log must arrive, too.
      if (this.wire.pendingBytes > 0) this.linger();
      else if (this.stash.empty) this.destroy();
      else this.refuse('client_abort_head');
      return;
    }
    const complete = this.receiver === null || this.receiver.complete;
    this.peerEnded = true;
    if (complete && this.context.settings.halfClose && !this.stash.empty) return;
    this.closing = true;
    this.persistent = false;
    if (complete && (this.context.settings.halfClose || this.answered)) return;
    this.context.entry.left(exchange);
  }

  wireBlocked(): void {
    this.blocked = true;
    (this.writeGuard ??= this.guardWrite()).blocked();
    this.responseSource?.pauseBody();
  }

  wireDrained(): void {
    this.blocked = false;
    this.writeGuard?.drained();
    if (this.answered) this.finish();
    else this.responseSource?.resumeBody();
  }

  wireClosed(): void {
    if (this.exchange !== null) this.context.entry.left(this.exchange);
    else if (!this.stash.empty && !this.reading) this.refuse('client_abort_head');
    this.close();
  }

  wireDefect(): void {
    if (this.exchange !== null) this.context.entry.abort(this.exchange, 'internal_defect');
    else this.destroy();
  }

  timerExpired(timer: Timer): void {
    if (this.exchange !== null) return;
    if (timer.purpose === WAIT_HEAD && !this.stash.empty) this.refuse('header_timeout');
    else this.destroy();
  }

  drain(): void {
    this.closing = true;
    if (this.exchange === null && this.stash.empty) this.linger();
  }

  destroy(): void {
    this.tunnel?.close();
    if (this.exchange !== null) this.context.entry.abort(this.exchange, 'shutting_down');
    this.wire.destroy();
    this.close();
  }

  pauseBody(): void {
    this.wire.pause();
    this.receiver?.pause();
  }

  resumeBody(): void {
    this.receiver?.resume();
    this.wire.resume();
  }

  sendInformational(status: number, fields: FieldList): void {
    if (status === 100 && this.receiver !== null) {
      if (this.receiver.complete) return;
      this.receiver.invited();
    }
    this.output.informational(status, fields);
  }

  sendHead(answered: AnsweredRequest, head: ResponseHead, close: boolean): void {
    const request = answered.head;
    // A client that waits for 100 and gets its final answer may send the body or not: nobody can tell what comes next.
    const awaited = request.expectContinue && this.receiver !== null && this.receiver.untouched;
    const wanted = request.persistent && !awaited && !close && !this.closing && !this.context.draining;
    this.persistent = this.output.head(answered, head, wanted);
  }

  bodyData(bytes: Buffer, start: number, end: number): void {
    this.output.data(bytes, start, end);
  }

  bodyEnd(trailers: FieldList | null): void {
    this.answered = true;
    // A client that pipelines and does not read would make the answers pile up: the next request waits until this one is taken.
    if (this.output.end(trailers) && !this.blocked) this.finish();
  }

  sendUpgrade(answered: AnsweredRequest, head: ResponseHead, peer: TunnelSide): TunnelSide {
    const exchange = this.exchange as Exchange;
    this.wire.writeText(upgradeHeadText(answered, head));
    this.removeTimers();
    const before = this.wire.bytesWritten + this.wire.pendingBytes;
    const tunnel = new WireTunnel(this.wire, () => {
      this.output.bodyBytes = this.wire.bytesWritten - before;
      this.context.entry.finish(exchange);
      this.close();
    });
    tunnel.peer = peer;
    this.tunnel = tunnel;
    const early = this.stash.take();
    if (early !== null) peer.tunnelData(early.bytes, 0, early.length);
    // Much early data had paused the client; a paused wire would never show that it is gone.
    this.wire.resume();
    return tunnel;
  }

  keepOpen(idleMs: number): void {
    this.wire.keepAlive();
    const guard = (this.writeGuard ??= this.guardWrite());
    guard.timeoutMs = idleMs;
    if (this.blocked) guard.blocked();
  }

  cut(): void {
    this.wire.reset();
    this.close();
  }

  private read(bytes: Buffer, start: number, end: number): void {
    this.reading = true;
    let at = start;
    while (at < end && !this.over) {
      if (this.receiver !== null && !this.receiver.complete) at = this.readBody(this.receiver, bytes, at, end);
      else if (this.exchange !== null) at = this.keep(bytes, at, end);
      else at = this.readHead(bytes, at, end);
    }
    this.reading = false;
  }

  private readHead(bytes: Buffer, start: number, end: number): number {
    const head = takeRequestHead();
    const stop = this.context.parser.parse(bytes, start, end, head);
    if (stop > 0) {
      this.begin(head);
      return stop;
    }
    returnRequestHead(head);
    if (stop < 0) {
      this.refuse(this.context.parser.failure.code);
      return end;
    }
    this.context.wheel.arm(this.timer, this.context.settings.timeouts.headerReadMs, WAIT_HEAD);
    this.stash.add(bytes, start, end);
    this.stash.headIsOpen();
    return end;
  }

  private begin(head: RequestHead): void {
    const exchange = new Exchange(this, head, this.origin, performance.now());
    this.exchange = exchange;
    this.answered = false;
    this.output.reset();
    if (this.writeGuard !== null) this.writeGuard.timeoutMs = this.context.settings.timeouts.writeMs;
    this.requests++;
    const limit = this.context.settings.limits.requestsPerConnection;
    if (limit > 0 && this.requests >= limit) this.closing = true;
    if (head.framing !== BODY_NONE && !this.beginBody(exchange, head)) return;
    this.context.entry.begin(exchange);
  }

  private beginBody(exchange: Exchange, head: RequestHead): boolean {
    const limit = this.context.settings.limits.bodyBytes;
    exchange.body = new RequestBody(this, 0);
    this.wire.expectBulk(head.framing === BODY_CHUNKED || head.contentLength > BULK_BYTES);
    this.receiver = new BodyReceiver(this.context, head, exchange.body, (code) => {
      if (this.exchange !== null) this.context.entry.abort(this.exchange, code);
      else this.linger();
    });
    if (limit === 0 || head.contentLength <= limit) return true;
    this.context.entry.abort(exchange, 'body_too_large');
    return false;
  }

  private readBody(receiver: BodyReceiver, bytes: Buffer, start: number, end: number): number {
    const stop = receiver.read(bytes, start, end);
    if (stop < 0) {
      if (this.exchange !== null) this.context.entry.abort(this.exchange, receiver.failure);
      this.linger();
      return end;
    }
    if (receiver.excessive) {
      this.linger();
      return end;
    }
    if (receiver.complete && this.exchange === null) this.next();
    return stop;
  }

  /** Keeps what came behind the running request; the client is paused when that is much. */
  private keep(bytes: Buffer, start: number, end: number): number {
    this.stash.add(bytes, start, end);
    if (this.stash.length >= PIPELINE_BYTES) this.wire.pause();
    return end;
  }

  private finish(): void {
    const exchange = this.exchange;
    if (exchange === null || this.over) return;
    this.context.entry.finish(exchange);
    this.exchange = null;
    this.responseSource = null;
    returnRequestHead(exchange.head);
    if (!this.persistent || this.closing) this.linger();
    else if (this.receiver === null || this.receiver.complete) this.next();
    else this.discardBody(this.receiver);
  }

  private discardBody(receiver: BodyReceiver): void {
    receiver.discard();
    if (receiver.excessive) {
      this.linger();
      return;
    }
    this.context.wheel.arm(this.timer, this.context.settings.timeouts.idleMs, WAIT_IDLE);
    receiver.resume();
    this.wire.resume();
  }

  private next(): void {
    this.receiver = null;
    this.context.wheel.arm(this.timer, this.context.settings.timeouts.idleMs, WAIT_IDLE);
    this.wire.expectBulk(false);
    if (this.reading) return;
    // Whatever paused the client while its request ran is over with the request.
    if (this.stash.empty) this.wire.resume();
    else this.readStash();
  }

  private readStash(): void {
    const stash = this.stash.take();
    if (stash !== null) this.read(stash.bytes, 0, stash.length);
    if (this.over) return;
    // All that the client sent before its FIN is read: the last whole request is answered, what is not whole never will be.
    if (this.peerEnded && this.exchange === null) this.linger();
    else if (this.peerEnded && this.stash.empty) {
      // What was answered already must not be lost to the cut that an unfinished request ends in.
      this.wire.flush();
      this.wireEnd();
    } else if (this.stash.length < PIPELINE_BYTES) this.wire.resume();
  }

  /** Answers a connection or a request that cannot run: it has an exchange all the same, so that it is counted and logged. */
  refuse(code: ErrorCode): void {
    const head = takeRequestHead();
    // What the object held last may be another client's request: it must not shape this answer or its log line.
    head.clear();
    this.exchange = new Exchange(this, head, this.origin, performance.now());
    this.answered = false;
    this.output.reset();
    this.closing = true;
    this.stash.clear();
    this.context.entry.refuse(this.exchange, code);
  }

  private guardWrite(): WriteGuard {
    const { wheel, settings, entry } = this.context;
    return new WriteGuard(this.wire, wheel, settings.timeouts.writeMs, () => {
      if (this.exchange !== null) entry.abort(this.exchange, 'write_timeout');
      else this.destroy();
    });
  }

  private linger(): void {
    if (this.over) return;
    if (this.wire.closed) {
      this.close();
      return;
    }
    this.stop();
    const lingering = new LingeringClose(this.wire, this.context, () => this.context.closed(this, this.clientEntry));
    if (this.peerEnded) lingering.wireEnd();
  }

  private close(): void {
    if (this.over) return;
    this.stop();
    this.context.closed(this, this.clientEntry);
  }

  private stop(): void {
    this.over = true;
    this.receiver?.stop();
    this.stash.clear();
    this.removeTimers();
  }

  private removeTimers(): void {
    this.context.wheel.remove(this.timer);
    this.writeGuard?.stop();
  }
}
