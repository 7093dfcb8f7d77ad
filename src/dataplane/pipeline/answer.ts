import type { ErrorCode } from '../../base/errors/catalogue.ts';
import { isEventStream } from '../../base/http/event-stream.ts';
import type { FieldList } from '../../base/http/field-list.ts';
import { FIELD_ID } from '../../base/http/field-names.ts';
import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE } from '../../base/http1/framing.ts';
import type { RetryDenial, RetryReason } from '../../telemetry/metrics/families.ts';
import type { BodySink, BodySource, BodyTransform } from '../exchange/body.ts';
import type { TunnelSide } from '../exchange/downstream.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { CompiledRoute } from '../exchange/compiled-route.ts';
import type { UpstreamHead } from '../exchange/upstream.ts';
import type { AnswerSource, AttemptTaker } from '../proxy/attempt.ts';
import { EventStream } from '../proxy/streams/event-stream.ts';
import type { OpenStreams } from '../proxy/streams/open-streams.ts';
import { Tunnel } from '../proxy/streams/tunnel.ts';
import { beginsWebSocket } from '../proxy/streams/web-socket.ts';
import { joinTransforms } from './transform-chain.ts';

const CONTENT_TYPE = FIELD_ID['content-type'];

/** What the answer needs of the pipeline. */
export interface AnswerOwner {
  readonly streams: OpenStreams;
  fail(exchange: Exchange, code: ErrorCode): void;
  /** A request goes out again. */
  retried(reason: RetryReason): void;
  /** A request does not go out again, although its route retries the cause. */
  retryDenied(denial: RetryDenial): void;
}

/** Takes a backend's answer to the client: response phases of the route's filters, then the downstream. */
export class Answer implements AttemptTaker {
  private readonly exchange: Exchange;
  private readonly route: CompiledRoute;
  private readonly owner: AnswerOwner;
  private sink: BodySink;

  constructor(exchange: Exchange, route: CompiledRoute, owner: AnswerOwner) {
    this.exchange = exchange;
    this.route = route;
    this.owner = owner;
    this.sink = exchange.downstream;
  }

  attemptInformational(head: UpstreamHead): void {
    const { exchange } = this;
    exchange.requestIdField.drop(head.fields);
    if (!exchange.headSent && exchange.downstream.takesInformational)
      exchange.downstream.sendInformational(head.status, head.fields);
  }

  attemptHead(head: UpstreamHead, source: AnswerSource): void {
    const { exchange } = this;
    exchange.status = head.status;
    exchange.downstream.responseSource = source;
    exchange.requestIdField.drop(head.fields);
    // Events have no length known before; any other answer does not even look for its type.
    const isStream = head.framing > BODY_LENGTH && isEventStream(head.fields.first(CONTENT_TYPE));
    if (head.nominated !== null) for (const name of head.nominated) head.fields.remove(name);
    if (this.route.filters.length > 0) this.runResponsePhases(head, source);
    exchange.headSent = true;
    exchange.downstream.sendHead(exchange, head, false);
    if (isStream) this.keepOpen(source);
  }

  attemptUpgraded(head: UpstreamHead, backend: TunnelSide): TunnelSide {
    const { exchange } = this;
    exchange.status = 101;
    exchange.deadline?.cancel();
    exchange.requestIdField.drop(head.fields);
    exchange.headSent = true;
    exchange.running = null;
    const isWebSocket = beginsWebSocket(exchange.head, head);
    const tunnel = new Tunnel(this.owner.streams, exchange, this.route.tunnelIdleMs, isWebSocket);
    exchange.openStream = tunnel;
    tunnel.toBackend.target = backend;
    tunnel.toClient.target = exchange.downstream.sendUpgrade(exchange, head, tunnel.toBackend);
    return tunnel.toClient;
  }

  attemptRetried(reason: RetryReason): void {
    this.owner.retried(reason);
  }

  attemptDenied(denial: RetryDenial): void {
    this.owner.retryDenied(denial);
  }

  attemptFailed(code: ErrorCode): void {
    this.owner.fail(this.exchange, code);
  }

  bodyData(bytes: Buffer, start: number, end: number): void {
    this.sink.bodyData(bytes, start, end);
  }

  bodyEnd(trailers: FieldList | null): void {
    this.exchange.running = null;
    this.sink.bodyEnd(trailers);
  }

  /** The limits of requests are not for a stream of events: it has the idle limit of tunnels. */
  private keepOpen(source: AnswerSource): void {
    const { exchange } = this;
    const idleMs = this.route.tunnelIdleMs;
    exchange.deadline?.cancel();
    exchange.downstream.keepOpen(idleMs);
    source.keepOpen();
    const stream = new EventStream(this.owner.streams, exchange, this.sink, idleMs);
    exchange.openStream = stream;
    this.sink = stream;
  }

  private runResponsePhases(head: UpstreamHead, source: BodySource): void {
    const { exchange, route } = this;
    for (const filter of route.filters) filter.response?.(exchange, head);
    // Without a body there is nothing to change, and what a transform adds at its end would be taken for the next answer.
    if (head.framing === BODY_NONE) return;
    let transform: BodyTransform | null = null;
    for (const filter of route.filters)
      transform = joinTransforms(transform, filter.responseBody?.(exchange, head) ?? null);
    if (transform === null) return;
    transform.connect(exchange.downstream, source);
    exchange.responseTransform = transform;
    exchange.downstream.responseSource = transform;
    this.sink = transform;
    head.framing = BODY_CHUNKED;
    head.contentLength = -1;
  }
}
