import type { ErrorCode } from '../../base/errors/catalogue.ts';
import type { FieldList } from '../../base/http/field-list.ts';
import { BODY_CHUNKED, BODY_NONE } from '../../base/http1/framing.ts';
import type { RetryDenial, RetryReason } from '../../telemetry/metrics/families.ts';
import type { BodySink, BodySource, BodyTransform } from '../exchange/body.ts';
import type { TunnelSide } from '../exchange/downstream.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { CompiledRoute } from '../exchange/compiled-route.ts';
import type { UpstreamHead } from '../exchange/upstream.ts';
import type { AttemptTaker } from '../proxy/attempt.ts';
import { joinTransforms } from './transform-chain.ts';

/** What the answer needs of the pipeline. */
export interface AnswerOwner {
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

  attemptHead(head: UpstreamHead, source: BodySource): void {
    const { exchange } = this;
    exchange.status = head.status;
    exchange.downstream.responseSource = source;
    exchange.requestIdField.drop(head.fields);
    if (head.nominated !== null) for (const name of head.nominated) head.fields.remove(name);
    if (this.route.filters.length > 0) this.runResponsePhases(head, source);
    exchange.headSent = true;
    exchange.downstream.sendHead(exchange, head, false);
  }

  attemptUpgraded(head: UpstreamHead, backend: TunnelSide): TunnelSide {
    const { exchange } = this;
    exchange.status = 101;
    exchange.deadline?.cancel();
    exchange.requestIdField.drop(head.fields);
    exchange.headSent = true;
    exchange.running = null;
    return exchange.downstream.sendUpgrade(exchange, head, backend);
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
