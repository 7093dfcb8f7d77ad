import type { ErrorCode } from '../../base/errors/catalogue.ts';
import type { FieldList } from '../../base/http/field-list.ts';
import { FIELD_ID } from '../../base/http/field-names.ts';
import type { BodySink, BodySource } from '../exchange/body.ts';
import type { TunnelSide } from '../exchange/downstream.ts';
import type { Abortable, Exchange } from '../exchange/exchange.ts';
import type { MatchedRoute } from '../exchange/route.ts';
import type {
  LeaseWaiter,
  UpstreamBackend,
  UpstreamConnection,
  UpstreamFailure,
  UpstreamHead,
  UpstreamOwner,
} from '../exchange/upstream.ts';
import { outgoingBody, type OutgoingBody, outgoingHead } from './outgoing-head.ts';

const UPGRADE = FIELD_ID.upgrade;

/** Methods that may be sent twice (RFC 9110 9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);

/** Takes what an attempt loop brings back: the exchange's answer, or a subrequest's. Nothing comes after end, upgrade or failure. */
export interface AttemptTaker extends BodySink {
  attemptInformational(head: UpstreamHead): void;
  attemptHead(head: UpstreamHead, source: BodySource): void;
  attemptUpgraded(head: UpstreamHead, backend: TunnelSide): TunnelSide;
  attemptFailed(code: ErrorCode): void;
  /** The request is sent a second time, since a reused connection had died under it. */
  attemptResent(): void;
}

/**
 * Sends one request until a backend answers: select, lease, send, relay. A request that died on a reused connection before any
 * byte of an answer is sent once more if it may be: the backend closed an idle connection while the request was on its way.
 */
export class AttemptLoop implements UpstreamOwner, LeaseWaiter, BodySink, BodySource, Abortable {
  leaseCancel: (() => void) | null = null;
  private readonly exchange: Exchange;
  private readonly route: MatchedRoute;
  private readonly taker: AttemptTaker;
  private readonly body: OutgoingBody;
  private backend: UpstreamBackend | null = null;
  private connection: UpstreamConnection | null = null;
  private resent = false;
  private over = false;
  /** The head of the answer is there, and the attempt is counted by its status. */
  private answered = false;
  private startedMs = 0;

  constructor(exchange: Exchange, route: MatchedRoute, taker: AttemptTaker) {
    this.exchange = exchange;
    this.route = route;
    this.taker = taker;
    this.body = outgoingBody(exchange.head, exchange.requestTransform !== null);
  }

  /** Starts the next attempt. */
  start(): void {
    this.startedMs = performance.now();
    const backend = this.route.group.select(this.exchange, this.backend);
    this.backend = backend;
    this.exchange.backend = backend;
    if (backend === null) this.fail('no_backend');
    else backend.acquire(this);
  }

  abort(): void {
    if (this.over) return;
    this.over = true;
    this.leaseCancel?.();
    // The backend has the request: it counts, although nobody waits for its answer any more.
    if (this.connection !== null && !this.answered)
      this.backend?.failed(this.exchange.failure ?? 'client_abort', null, false);
    this.connection?.abort();
    this.exchange.body?.detach();
  }

  leaseGranted(connection: UpstreamConnection): void {
    const { exchange } = this;
    this.connection = connection;
    const text = outgoingHead(exchange, this.route, this.backend as UpstreamBackend, this.body);
    connection.sendRequest(this, text, {
      headRequest: exchange.head.method === 'HEAD',
      hasBody: this.body.hasBody,
      chunked: this.body.chunked,
      expectsContinue: exchange.head.expectContinue,
      upgrade: exchange.head.upgrade ? exchange.head.fields.joined(UPGRADE) : null,
      responseTimeoutMs: this.route.responseTimeoutMs,
    });
    if (exchange.body !== null) this.attachBody(exchange);
  }

  leaseFailed(code: ErrorCode): void {
    this.backend?.failed(code, null, false);
    this.fail(code);
  }

  bodyData(bytes: Buffer, start: number, end: number): void {
    if (!this.over) this.connection?.sendData(bytes, start, end);
  }

  bodyEnd(trailers: FieldList | null): void {
    if (!this.over) this.connection?.sendEnd(allowedTrailers(trailers, this.route.requestTrailers));
  }

  pauseBody(): void {
    this.connection?.pause();
  }

  resumeBody(): void {
    this.connection?.resume();
  }

  upstreamInformational(head: UpstreamHead): void {
    this.taker.attemptInformational(head);
  }

  upstreamHead(head: UpstreamHead): void {
    this.answered = true;
    this.backend?.answered(head.status, this.elapsedSeconds());
    this.taker.attemptHead(head, this);
  }

  upstreamData(bytes: Buffer, start: number, end: number): void {
    this.taker.bodyData(bytes, start, end);
  }

  upstreamEnd(trailers: FieldList | null): void {
    this.over = true;
    // It is in its pool, or another request's already: a client that is slow to the end must not pause it.
    this.connection = null;
    this.exchange.body?.detach();
    this.taker.bodyEnd(trailers);
  }

  upstreamUpgraded(head: UpstreamHead, backend: TunnelSide): TunnelSide {
    this.over = true;
    this.backend?.answered(101, this.elapsedSeconds());
    return this.taker.attemptUpgraded(head, backend);
  }

  upstreamFailed(code: UpstreamFailure): void {
    const connection = this.connection as UpstreamConnection;
    this.connection = null;
    this.exchange.body?.detach();
    if (code === 'backend_reset_before_head' && connection.reused && this.mayResend()) {
      this.resent = true;
      this.taker.attemptResent();
      this.start();
      return;
    }
    this.backend?.failed(code, code === 'backend_timeout' ? this.elapsedSeconds() : null, this.answered);
    this.fail(code);
  }

  upstreamBlocked(): void {
    const { requestTransform, body } = this.exchange;
    if (requestTransform === null) body?.pause();
    else requestTransform.pauseBody();
  }

  upstreamDrained(): void {
    const { requestTransform, body } = this.exchange;
    if (requestTransform === null) body?.resume();
    else requestTransform.resumeBody();
  }

  private elapsedSeconds(): number {
    return (performance.now() - this.startedMs) / 1000;
  }

  private attachBody(exchange: Exchange): void {
    const transform = exchange.requestTransform;
    const body = exchange.body;
    if (body === null) return;
    if (transform === null) {
      body.attach(this);
      return;
    }
    transform.connect(this, exchange.downstream);
    body.attach(transform);
  }

  private mayResend(): boolean {
    if (this.resent || this.exchange.requestTransform !== null || !IDEMPOTENT.has(this.exchange.head.method))
      return false;
    return this.exchange.body === null || this.exchange.body.replayable;
  }

  private fail(code: ErrorCode): void {
    if (this.over) return;
    this.over = true;
    this.taker.attemptFailed(code);
  }
}

function allowedTrailers(trailers: FieldList | null, allowed: ReadonlySet<string>): string {
  if (trailers === null || allowed.size === 0) return '';
  let text = '';
  for (const [name, value] of trailers.entries()) if (allowed.has(name)) text += `${name}: ${value}\r\n`;
  return text;
}
