import { constants, type ServerHttp2Stream } from 'node:http2';
import type { FieldList } from '../../../base/http/field-list.ts';
import { BODY_NONE } from '../../../base/http1/framing.ts';
import { RequestHead } from '../../../base/http1/request-head.ts';
import type { ResponseHead } from '../../../base/http1/response-head.ts';
import type { BodySource } from '../../exchange/body.ts';
import type { AnsweredRequest, Downstream, TunnelSide } from '../../exchange/downstream.ts';
import { Exchange, type ExchangeOrigin } from '../../exchange/exchange.ts';
import { RequestBody } from '../../exchange/request-body.ts';
import { enterFence, fenced, leaveFence, reportDefect } from '../../wire/fence.ts';
import type { ConnectionContext } from '../connection-context.ts';
import { ReadWatch } from '../http1/read-watch.ts';
import { parseH2Request } from './request-text.ts';
import { copyFields, finalFields } from './response-fields.ts';

/** One HTTP/2 stream as a downstream: the same exchange contract as an HTTP/1.1 request. */
export class H2Stream implements Downstream {
  readonly protocolName = 'HTTP/2.0';
  readonly takesInformational = true;
  responseSource: BodySource | null = null;
  bodyBytesSent = 0;
  /** Body bytes received. */
  received = 0;
  private readonly stream: ServerHttp2Stream;
  private readonly context: ConnectionContext;
  private readonly exchange: Exchange;
  private watch: ReadWatch | null = null;
  private answered = false;
  private over = false;

  constructor(stream: ServerHttp2Stream, context: ConnectionContext, origin: ExchangeOrigin) {
    this.stream = stream;
    this.context = context;
    this.exchange = new Exchange(this, new RequestHead(), origin, performance.now());
    stream.on('error', () => undefined);
    stream.on('close', () => fenced(() => this.closed()));
    stream.on('drain', () => fenced(() => this.drained()));
    stream.setTimeout(0);
  }

  /** Runs the request. */
  start(raw: readonly string[], endsHere: boolean): void {
    const { exchange, context } = this;
    const refusal = parseH2Request(raw, !endsHere, context.parser, exchange.head);
    if (refusal !== null) {
      context.entry.refuse(exchange, refusal);
      return;
    }
    if (exchange.head.framing !== BODY_NONE && !this.beginBody()) return;
    context.entry.begin(exchange);
  }

  pauseBody(): void {
    this.stream.pause();
    this.watch?.pause(this.context.wheel.nowMs);
  }

  resumeBody(): void {
    this.watch?.resume(this.context.wheel.nowMs);
    this.stream.resume();
  }

  sendInformational(status: number, fields: FieldList): void {
    if (!this.stream.destroyed && !this.stream.headersSent)
      this.stream.additionalHeaders({ ':status': status, ...copyFields(fields) });
  }

  sendHead(request: AnsweredRequest, head: ResponseHead): void {
    if (this.stream.destroyed) return;
    this.stream.respond(finalFields(request, head), {
      waitForTrailers: head.framing !== BODY_NONE,
      endStream: head.framing === BODY_NONE,
    });
  }

  bodyData(bytes: Buffer, start: number, end: number): void {
    this.bodyBytesSent += end - start;
    if (this.stream.destroyed || start === end) return;
    const taken = this.stream.write(Buffer.copyBytesFrom(bytes, start, end - start));
    if (!taken) this.responseSource?.pauseBody();
  }

  bodyEnd(trailers: FieldList | null): void {
    this.answered = true;
    this.stream.once('wantTrailers', () => {
      if (trailers === null) this.stream.close();
      else this.stream.sendTrailers(copyFields(trailers));
    });
    if (!this.stream.writableEnded) this.stream.end();
    this.finish();
  }

  sendUpgrade(_request: AnsweredRequest, _head: ResponseHead, _tunnel: TunnelSide): TunnelSide {
    throw new Error('an upgrade cannot happen on HTTP/2 (RFC 9113 8.6)');
  }

  cut(): void {
    this.over = true;
    this.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  private beginBody(): boolean {
    const { exchange, context } = this;
    const { limits, timeouts } = context.settings;
    const body = new RequestBody(this, 0);
    exchange.body = body;
    if (limits.bodyBytes > 0 && exchange.head.contentLength > limits.bodyBytes) {
      context.entry.abort(exchange, 'body_too_large');
      return false;
    }
    this.watch = new ReadWatch(context.wheel, timeouts, this, (code) => context.entry.abort(exchange, code));
    let trailers: FieldList | null = null;
    this.stream.on('data', (chunk: Buffer) => this.take(body, chunk));
    this.stream.on('trailers', () => {
      trailers = null;
    });
    this.stream.on('end', () => fenced(() => this.endBody(body, trailers)));
    return true;
  }

  private take(body: RequestBody, chunk: Buffer): void {
    this.received += chunk.length;
    const limit = this.context.settings.limits.bodyBytes;
    enterFence();
    try {
      if (limit > 0 && this.received > limit) this.context.entry.abort(this.exchange, 'body_too_large');
      else if (!this.exchange.finished) body.bodyData(chunk, 0, chunk.length);
    } catch (error) {
      reportDefect(error);
      this.context.entry.abort(this.exchange, 'internal_defect');
    } finally {
      leaveFence();
    }
  }

  private endBody(body: RequestBody, trailers: FieldList | null): void {
    this.watch?.stop();
    const declared = this.exchange.head.contentLength;
    if (declared > 0 && declared !== this.received) this.context.entry.abort(this.exchange, 'length_invalid');
    else body.bodyEnd(trailers);
  }

  private drained(): void {
    if (!this.answered) this.responseSource?.resumeBody();
  }

  private finish(): void {
    if (this.over) return;
    this.over = true;
    this.watch?.stop();
    this.context.entry.finish(this.exchange);
  }

  private closed(): void {
    this.watch?.stop();
    if (!this.over && !this.answered) this.context.entry.abort(this.exchange, 'client_abort');
    this.over = true;
  }
}
