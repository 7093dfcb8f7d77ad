import type { RetryCause } from '../../config/resilience-settings.ts';
import type { RetryDenial } from '../../telemetry/metrics/families.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { MatchedRoute } from '../exchange/route.ts';
import type { RetryPolicy } from '../exchange/retry.ts';
import type { AdmittedAttempt, UpstreamBackend } from '../exchange/upstream.ts';

/** A failed attempt for a cause that its route retries. */
export interface FailedTry {
  readonly cause: RetryCause;
  /** The backend cannot have acted on the request. */
  readonly isUnsent: boolean;
  /** Between the starts of the first attempt and of the one that would follow. */
  readonly elapsedMs: number;
}

/** What stands against another attempt; null = nothing, and one retry was taken out of the budget. */
export function retryDenial(exchange: Exchange, route: MatchedRoute, failed: FailedTry): RetryDenial | null {
  const retry = route.retry as RetryPolicy;
  const limitMs = route.responseTimeoutMs;
  if (exchange.attempts >= retry.attempts) return 'attempts';
  if (!failed.isUnsent && !retry.mayRepeat(exchange.head)) return 'method';
  if (exchange.requestTransform !== null || exchange.body?.replayable === false) return 'body';
  if (limitMs > 0 && failed.elapsedMs >= limitMs) return 'deadline';
  return retry.takeFromBudget() ? null : 'budget';
}

/**
 * How long an attempt may wait from now on, for its connection or for the head of its answer, ms; 0 = no limit. With retries no client
 * waits longer than its route says, however many attempts there are and whatever they wait for; without, the time for a connection
 * is the backend's and that for the answer the route's.
 *
 * @param nowMs not before the start of the attempt
 */
export function attemptTimeoutMs(
  { retry, responseTimeoutMs }: MatchedRoute,
  exchange: Exchange,
  nowMs: number,
): number {
  if (retry === null) return responseTimeoutMs;
  const tryMs = retry.perTryTimeoutMs === 0 ? Infinity : retry.perTryTimeoutMs - (nowMs - exchange.attemptMs);
  const routeMs = responseTimeoutMs === 0 ? Infinity : responseTimeoutMs - (nowMs - exchange.firstAttemptMs);
  const leftMs = Math.min(tryMs, routeMs);
  return leftMs === Infinity ? 0 : Math.max(1, leftMs);
}

/** A backend whose breaker lets the request through: the strategy's choice, or its next one when that was refused just now. */
export function admittedBackend(
  attempt: AdmittedAttempt & { readonly route: MatchedRoute },
  exchange: Exchange,
  tried: UpstreamBackend | null,
): UpstreamBackend | null {
  const { group } = attempt.route;
  const first = group.select(exchange, tried);
  if (first === null || first.admit(attempt)) return first;
  const second = group.select(exchange, first);
  return second !== null && second !== first && second.admit(attempt) ? second : null;
}
