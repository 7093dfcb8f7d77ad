import { constants, type ServerHttp2Stream } from 'node:http2';
import type { ErrorCode } from '../../../base/errors/catalogue.ts';
import type { FieldList } from '../../../base/http/field-list.ts';
import { BODY_NONE } from '../../../base/http1/framing.ts';
import { RequestHead } from '../../../base/http1/request-head.ts';
import type { ResponseHead } from '../../../base/http1/response-head.ts';
import { Timer, type TimerOwner } from '../../../base/time/timer-wheel.ts';
import type { BodySource } from '../../exchange/body.ts';
import type { AnsweredRequest, Downstream, TunnelSide } from '../../exchange/downstream.ts';
import { Exchange, type ExchangeOrigin } from '../../exchange/exchange.ts';
import { RequestBody } from '../../exchange/request-body.ts';
import { holdBytes } from '../../wire/buffered-bytes.ts';
import { enterFence, fenced, leaveFence, reportDefect } from '../../wire/fence.ts';
import type { ConnectionContext } from '../connection-context.ts';
import { H2Intake } from './intake.ts';
import { parseH2Request } from './request-text.ts';
import { copyFields, finalFields } from './response-fields.ts';

/** Highest status that `node:http2` can send; HTTP/1.1 knows three digits, whatever they are. */
const MAX_STATUS = 599;
/** Upload bytes that are thrown away behind a complete answer, and how long, before the stream is reset. */
const DISCARD_BYTES = 262_144;
const DISCARD_MS = 2_000;

const WAIT_WRITE = 1;
const WAIT_UPLOAD = 2;

/** One HTTP/2 stream as a downstream: the same exchange contract as an HTTP/1.1 request. */
export class H2Stream implements Downstream, TimerOwner {
  readonly protocolName = 'HTTP/2.0';
  readonly takesInformational = true;
  responseSource: BodySource | null = null;
  bodyBytesSent = 0;
  private readonly stream: ServerHttp2Stream;
  private readonly context: ConnectionContext;
  private readonly exchange: Exchange;
  private readonly timer: Timer = new Timer(this);
  /** Null when the request has no body. */
  private intake: H2Intake | null = null;
  /** The client did not send its last byte yet. */
  private uploading = false;
  private answered = false;
  private over = false;
  /** Longest time without progress while the client does not take what was written. */
  private writeMs: number;
  private unsentBefore = 0;
  private discarded = 0;

  constructor(stream: ServerHttp2Stream, context: ConnectionContext, origin: ExchangeOrigin) {
    this.stream = stream;
    this.context = context;
    this.writeMs = context.settings.timeouts.writeMs;
    this.exchange = new Exchange(this, new RequestHead(), origin, performance.now());
    stream.on('error', () => undefined);
    // A reset that the client sends without an error code looks like the end of its body but for this event.
    stream.on('aborted', () => fenced(() => this.gone()));
    stream.on('close', () => fenced(() => this.gone()));
    stream.on('drain', () => fenced(() => this.drained()));
    stream.on('finish', () => fenced(() => this.finish()));
    stream.setTimeout(0);
  }

  /** Runs the request. */
  start(raw: readonly string[], endsHere: boolean): void {
    const { exchange, context } = this;
    this.uploading = !endsHere;
    this.stream.on('data', (chunk: Buffer) => this.receive(chunk));
    this.stream.on('end', () => fenced(() => this.uploaded()));
    const refusal = parseH2Request(raw, !endsHere, context.parser, exchange.head);
    exchange.forwardedHost = exchange.head.authority;
    if (refusal !== null) {
      context.entry.refuse(exchange, refusal);
      return;
    }
    if (exchange.head.framing !== BODY_NONE && !this.beginBody()) return;
    context.entry.begin(exchange);
  }

  /** The listener closes its connections, whatever runs. */
  shutDown(): void {
    if (this.over) return;
    this.context.entry.abort(this.exchange, 'shutting_down');
    // The session goes at once: its end must not be taken for the client's.
    this.context.entry.finish(this.exchange);
    this.end();
  }

  pauseBody(): void {
    this.intake?.pause();
  }

  resumeBody(): void {
    this.intake?.resume();
  }

  sendInformational(status: number, fields: FieldList): void {
    const { stream } = this;
    if (stream.destroyed || stream.closed || stream.headersSent) return;
    stream.additionalHeaders({ ':status': status, ...copyFields(fields) });
  }

  sendHead(request: AnsweredRequest, head: ResponseHead): void {
    const { stream } = this;
    if (stream.destroyed || stream.closed) return;
    if (head.status > MAX_STATUS) {
      this.context.entry.abort(this.exchange, 'backend_invalid_response');
      return;
    }
    const endStream = head.framing === BODY_NONE;
    stream.respond(finalFields(request, head), { waitForTrailers: !endStream, endStream });
  }

  bodyData(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    this.bodyBytesSent += length;
    if (length === 0 || !this.writable) return;
    holdBytes(length);
    const taken = this.stream.write(Buffer.copyBytesFrom(bytes, start, length), () => holdBytes(-length));
    if (taken) return;
    this.responseSource?.pauseBody();
    this.watchWriting();
  }

  bodyEnd(trailers: FieldList | null): void {
    const { stream } = this;
    this.answered = true;
    this.intake?.stop();
    if (!this.writable) {
      // An answer without a body ended with its head; a stream that is gone has an event of its own.
      if (stream.destroyed || stream.closed) return;
      this.finish();
      return;
    }
    // An empty trailer section is sent as the end of the stream; a mere close would leave the client without an end.
    stream.once('wantTrailers', () => stream.sendTrailers(trailers === null ? {} : copyFields(trailers)));
    stream.end();
    if (!stream.writableFinished) this.watchWriting();
  }

  sendUpgrade(_request: AnsweredRequest, _head: ResponseHead, _tunnel: TunnelSide): TunnelSide {
    throw new Error('an upgrade cannot happen on HTTP/2 (RFC 9113 8.6)');
  }

  keepOpen(idleMs: number): void {
    this.writeMs = idleMs;
  }

  cut(): void {
    this.end();
    this.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  timerExpired(timer: Timer): void {
    if (timer.purpose === WAIT_UPLOAD) {
      this.stopUpload();
      return;
    }
    const unsent = this.stream.writableLength;
    if (unsent >= this.unsentBefore) this.context.entry.abort(this.exchange, 'write_timeout');
    else this.watchWriting();
  }

  private get writable(): boolean {
    return !this.stream.destroyed && !this.stream.writableEnded;
  }

  private beginBody(): boolean {
    const { exchange, context } = this;
    const limit = context.settings.limits.bodyBytes;
    const body = new RequestBody(this, 0);
    exchange.body = body;
    const failed = (code: ErrorCode): void => context.entry.abort(exchange, code);
    this.intake = new H2Intake(this.stream, context, { declared: exchange.head.contentLength, sink: body, failed });
    if (limit === 0 || exchange.head.contentLength <= limit) return true;
    context.entry.abort(exchange, 'body_too_large');
    return false;
  }

  /** The kernel or the client's window does not take what was written: it gets the write timeout for every step forward. */
  private watchWriting(): void {
    this.unsentBefore = this.stream.writableLength;
    this.context.wheel.arm(this.timer, this.writeMs, WAIT_WRITE);
  }

  private receive(chunk: Buffer): void {
    enterFence();
    try {
      this.intake?.take(chunk);
      if (this.over && (this.discarded += chunk.length) > DISCARD_BYTES) this.stopUpload();
    } catch (error) {
      reportDefect(error);
      this.context.entry.abort(this.exchange, 'internal_defect');
    } finally {
      leaveFence();
    }
  }

  /** The readable side ended: with the last byte of the request, or because the client went away. */
  private uploaded(): void {
    if (this.stream.aborted) return;
    this.uploading = false;
    if (this.over) this.context.wheel.remove(this.timer);
    this.intake?.end();
  }

  private drained(): void {
    if (this.answered) return;
    this.context.wheel.disarm(this.timer);
    this.responseSource?.resumeBody();
  }

  private finish(): void {
    if (this.over || !this.answered) return;
    this.end();
    this.context.entry.finish(this.exchange);
    // A reset right behind the answer would overtake its end.
    if (this.uploading) this.context.wheel.arm(this.timer, DISCARD_MS, WAIT_UPLOAD);
  }

  /** The answer is complete: what the client still sends is of no use (RFC 9113 8.1). */
  private stopUpload(): void {
    this.context.wheel.remove(this.timer);
    this.stream.close(constants.NGHTTP2_NO_ERROR);
  }

  private gone(): void {
    if (!this.over) this.context.entry.left(this.exchange);
    this.end();
  }

  private end(): void {
    this.over = true;
    this.intake?.stop();
    this.context.wheel.remove(this.timer);
  }
}
