import type { ErrorCode } from '../../base/errors/catalogue.ts';
import { errorEntry } from '../../base/errors/catalogue.ts';
import type { FieldList } from '../../base/http/field-list.ts';
import { FIELD_ID } from '../../base/http/field-names.ts';
import { isIdempotent } from '../../base/http/methods.ts';
import { Timer, type TimerOwner } from '../../base/time/timer-wheel.ts';
import type { RetryCause } from '../../config/resilience-settings.ts';
import type { RetryDenial, RetryReason } from '../../telemetry/metrics/families.ts';
import type { BodySink, BodySource } from '../exchange/body.ts';
import type { TunnelSide } from '../exchange/downstream.ts';
import type { Abortable, Exchange } from '../exchange/exchange.ts';
import type { RetryPolicy } from '../exchange/retry.ts';
import type { MatchedRoute } from '../exchange/route.ts';
import {
  type AdmittedAttempt,
  type LeaseWaiter,
  NO_TICKET,
  type UpstreamBackend,
  type UpstreamConnection,
  type UpstreamFailure,
  type UpstreamHead,
  type UpstreamOwner,
} from '../exchange/upstream.ts';
import { outgoingBody, type OutgoingBody, outgoingHead } from './outgoing-head.ts';
import { admittedBackend, attemptTimeoutMs, retryDenial } from './attempt-rules.ts';

const UPGRADE = FIELD_ID.upgrade;

const CONTINUE = 100;

/** Purposes of the timer. */
const BACKOFF = 1;
const LEASE = 2;

/** Where the body of an answer comes from. */
export interface AnswerSource extends BodySource {
  /** The answer is a stream of events; called with its head. */
  keepOpen(): void;
}

/** Takes what an attempt loop brings back: the exchange's answer, or a subrequest's. Nothing comes after end, upgrade or failure. */
export interface AttemptTaker extends BodySink {
  attemptInformational(head: UpstreamHead): void;
  attemptHead(head: UpstreamHead, source: AnswerSource): void;
  attemptUpgraded(head: UpstreamHead, backend: TunnelSide): TunnelSide;
  attemptFailed(code: ErrorCode): void;
  /** The request is sent again. */
  attemptRetried(reason: RetryReason): void;
  /** The request failed for a cause that its route retries, and is not sent again. */
  attemptDenied(denial: RetryDenial): void;
}

/**
 * Sends one request until a backend answers: select, admit, lease, send, relay; after a failure again, by the route's policy
 * (docs/retries.md). Without a policy, too, a request that died on a reused connection before any byte of an answer is sent
 * once more on a new one if it may be: the backend closed an idle connection while the request was on its way.
 */
export class AttemptLoop
  implements UpstreamOwner, LeaseWaiter, AdmittedAttempt, BodySink, AnswerSource, Abortable, TimerOwner
{
  leaseCancel: (() => void) | null = null;
  wantsFresh = false;
  ticket: number = NO_TICKET;
  readonly route: MatchedRoute;
  readonly exchange: Exchange;
  private readonly taker: AttemptTaker;
  private readonly body: OutgoingBody;
  /** What the attempt before used and this one should not. */
  private tried: UpstreamBackend | null = null;
  private backend: UpstreamBackend | null = null;
  private connection: UpstreamConnection | null = null;
  private timer: Timer | null = null;
  private over = false;
  private continued = false;
  /** The head of the answer is there, and the attempt is counted by its status. */
  private answered = false;
  /** A connection is being asked for: one that is granted now costs no wait, and no look at the clock. */
  private leasing = false;

  constructor(exchange: Exchange, route: MatchedRoute, taker: AttemptTaker) {
    this.exchange = exchange;
    this.route = route;
    this.taker = taker;
    this.body = outgoingBody(exchange.head, exchange.requestTransform !== null);
    if (route.retry !== null && exchange.requestTransform === null) exchange.body?.keepUpTo(route.retry.bodyLimitBytes);
  }

  /** Starts the first attempt. */
  start(): void {
    const nowMs = performance.now();
    this.exchange.firstAttemptMs = nowMs;
    this.exchange.attempts = 1;
    this.route.retry?.requested();
    this.attempt(nowMs);
  }

  abort(): void {
    if (this.over) return;
    this.over = true;
    this.stopTimer();
    this.leaseCancel?.();
    // The backend has the request: it counts, although nobody waits for its answer any more.
    if (this.connection !== null && !this.answered)
      this.backend?.failed(this, this.exchange.failure ?? 'client_abort_waiting', null, false);
    else if (this.connection === null) this.backend?.withdrawn(this);
    this.connection?.abort();
    this.exchange.body?.detach();
  }

  leaseOpening(): void {
    this.exchange.openingMs = this.leasing ? this.exchange.attemptMs : performance.now();
  }

  leaseGranted(connection: UpstreamConnection): void {
    const { exchange } = this;
    if (this.timer !== null) this.stopTimer();
    if (this.leasing) exchange.sentMs = exchange.attemptMs;
    else this.waited(exchange);
    this.connection = connection;
    const text = outgoingHead(exchange, this.route, this.backend as UpstreamBackend, this.body);
    connection.sendRequest(this, text, {
      headRequest: exchange.head.method === 'HEAD',
      hasBody: this.body.hasBody,
      chunked: this.body.chunked,
      expectsContinue: exchange.head.expectContinue,
      upgrade: exchange.head.upgrade ? exchange.head.fields.joined(UPGRADE) : null,
      responseTimeoutMs: attemptTimeoutMs(this.route, exchange, exchange.sentMs),
    });
    if (exchange.body !== null) this.attachBody(exchange);
  }

  leaseFailed(code: ErrorCode): void {
    if (this.timer !== null) this.stopTimer();
    this.backend?.failed(this, code, null, false);
    this.failedWith(code);
  }

  timerExpired(timer: Timer): void {
    if (timer.purpose === BACKOFF) {
      this.exchange.attempts++;
      this.attempt(performance.now());
      return;
    }
    this.leaseCancel?.();
    // In the queue of the pool nothing was asked of the backend, and nothing found out about it.
    this.leaseFailed(this.exchange.openingMs === 0 ? 'backend_pool_timeout' : 'backend_connect_timeout');
  }

  bodyData(bytes: Buffer, start: number, end: number): void {
    if (!this.over) this.connection?.sendData(bytes, start, end);
  }

  bodyEnd(trailers: FieldList | null): void {
    this.exchange.uploadedMs = performance.now();
    if (!this.over) this.connection?.sendEnd(allowedTrailers(trailers, this.route.requestTrailers));
  }

  pauseBody(): void {
    this.connection?.pause();
  }

  resumeBody(): void {
    this.connection?.resume();
  }

  keepOpen(): void {
    this.connection?.keepOpen();
  }

  upstreamInformational(head: UpstreamHead): void {
    // The client was asked for its body once, by the first attempt (RFC 9110 10.1.1).
    if (head.status === CONTINUE && this.continued) return;
    this.continued ||= head.status === CONTINUE;
    this.taker.attemptInformational(head);
  }

  upstreamHead(head: UpstreamHead): void {
    const { retry } = this.route;
    const nowMs = performance.now();
    this.backend?.answered(this, head.status, this.secondsUntil(nowMs));
    if (retry !== null && head.status >= 429) {
      const cause = retry.causeOfStatus(head.status);
      const delayMs = retry.delayMs(this.exchange.attempts);
      if (cause !== null && this.mayRetry(cause, false, delayMs)) {
        this.dropAnswer();
        this.retry(retry, cause, delayMs);
        return;
      }
    }
    this.answered = true;
    this.exchange.answeredMs = nowMs;
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
    const nowMs = performance.now();
    this.over = true;
    this.exchange.answeredMs = nowMs;
    this.backend?.answered(this, 101, this.secondsUntil(nowMs));
    return this.taker.attemptUpgraded(head, backend);
  }

  upstreamFailed(code: UpstreamFailure): void {
    this.connection = null;
    this.exchange.body?.detach();
    if (code === 'backend_reset_reused' && this.mayResend()) {
      this.wantsFresh = true;
      this.backend?.withdrawn(this);
      this.taker.attemptRetried('idle_race');
      this.attempt(performance.now());
      return;
    }
    this.backend?.failed(this, code, isLate(code) ? this.secondsUntil(performance.now()) : null, this.answered);
    this.failedWith(code);
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

  private attempt(nowMs: number): void {
    const { exchange } = this;
    const { retry } = this.route;
    exchange.attemptMs = nowMs;
    exchange.openingMs = 0;
    exchange.sentMs = 0;
    exchange.uploadedMs = 0;
    const backend = admittedBackend(this, exchange, this.tried);
    this.backend = backend;
    exchange.backend = backend ?? exchange.backend;
    if (backend === null) {
      this.fail('circuit_breaker_open');
      return;
    }
    this.leasing = true;
    backend.acquire(this);
    this.leasing = false;
    // Most connections are there at once, and need no limit.
    if (this.leaseCancel !== null && retry !== null) this.limitWait(retry);
  }

  private limitWait(retry: RetryPolicy): void {
    const limitMs = attemptTimeoutMs(this.route, this.exchange, this.exchange.attemptMs);
    if (limitMs > 0) this.startTimer(retry, limitMs, LEASE);
  }

  /** Ends the loop, or goes on with the next attempt. */
  private failedWith(code: ErrorCode): void {
    const { retry } = this.route;
    if (retry !== null && !this.answered && !this.over) {
      const cause = retry.causeOf(code);
      const delayMs = retry.delayMs(this.exchange.attempts);
      if (cause !== null && this.mayRetry(cause, errorEntry(code).retry === 'if_unsent', delayMs)) {
        this.retry(retry, cause, delayMs);
        return;
      }
    }
    this.fail(code);
  }

  /** Whether the request may be sent once more; one that is gets its share of the budget here. */
  private mayRetry(cause: RetryCause, isUnsent: boolean, delayMs: number): boolean {
    const elapsedMs = performance.now() + delayMs - this.exchange.firstAttemptMs;
    const denial = retryDenial(this.exchange, this.route, { cause, isUnsent, elapsedMs });
    if (denial !== null) this.taker.attemptDenied(denial);
    return denial === null;
  }

  private retry(retry: RetryPolicy, cause: RetryCause, delayMs: number): void {
    this.tried = this.backend;
    this.backend = null;
    this.taker.attemptRetried(cause);
    this.startTimer(retry, delayMs, BACKOFF);
  }

  /** The answer is not the client's: its connection can carry the next request once the rest has arrived. */
  private dropAnswer(): void {
    const { connection } = this;
    this.connection = null;
    this.exchange.body?.detach();
    connection?.discard();
  }

  private startTimer(retry: RetryPolicy, delayMs: number, purpose: number): void {
    this.timer ??= new Timer(this);
    // The wheel takes 0 for never.
    retry.wheel.arm(this.timer, Math.max(1, delayMs), purpose);
  }

  private stopTimer(): void {
    if (this.timer !== null) this.route.retry?.wheel.remove(this.timer);
  }

  private waited(exchange: Exchange): void {
    const { attemptMs, openingMs } = exchange;
    const nowMs = performance.now();
    exchange.sentMs = nowMs;
    if (openingMs === 0) this.backend?.waited(nowMs - attemptMs, 0);
    else this.backend?.waited(openingMs - attemptMs, nowMs - openingMs);
  }

  private secondsUntil(nowMs: number): number {
    return (nowMs - this.exchange.attemptMs) / 1000;
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

  /** On a new connection, so that a second one that died while idle does not cost the request. */
  private mayResend(): boolean {
    const { exchange } = this;
    if (this.wantsFresh || exchange.requestTransform !== null || !isIdempotent(exchange.head.method)) return false;
    return exchange.body === null || exchange.body.replayable;
  }

  private fail(code: ErrorCode): void {
    if (this.over) return;
    this.over = true;
    this.taker.attemptFailed(code);
  }
}

/** Failures that show how slow a backend is at the least; any other would make it look fast. */
function isLate(code: UpstreamFailure): boolean {
  return code === 'backend_timeout' || code === 'backend_upload_timeout';
}

function allowedTrailers(trailers: FieldList | null, allowed: ReadonlySet<string>): string {
  if (trailers === null || allowed.size === 0) return '';
  let text = '';
  for (const [name, value] of trailers.entries()) if (allowed.has(name)) text += `${name}: ${value}\r\n`;
  return text;
}
