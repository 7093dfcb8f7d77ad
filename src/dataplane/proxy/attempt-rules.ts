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
  /** Since the first attempt. */
  readonly elapsedMs: number;
}

/** What stands against another attempt; null = nothing, and one retry was taken out of the budget. */
export function retryDenial(exchange: Exchange, route: MatchedRoute, failed: FailedTry): RetryDenial | null {
  const retry = route.retry as RetryPolicy;
  const limitMs = route.responseTimeoutMs;
  if (exchange.attempts >= retry.attempts) return 'attempts';
  if (!failed.isUnsent && !retry.mayRepeat(exchange.head)) return 'method';
  if (exchange.requestTransform !== null || exchange.body?.replayable === false) return 'body';
  if (limitMs > 0 && !failed.isUnsent && failed.elapsedMs >= limitMs) return 'deadline';
  return retry.takeFromBudget() ? null : 'budget';
}

/**
 * Wait for the head of an attempt's answer, ms; 0 = no limit. No client waits longer than its route says, however many attempts
 * there are.
 *
 * @param beforeMs between the start of the first attempt and the start of this one
 */
export function attemptTimeoutMs({ retry, responseTimeoutMs: limitMs }: MatchedRoute, beforeMs: number): number {
  if (retry === null) return limitMs;
  const { perTryTimeoutMs: tryMs } = retry;
  if (limitMs === 0) return tryMs;
  const leftMs = Math.max(1, limitMs - beforeMs);
  return tryMs === 0 ? leftMs : Math.min(tryMs, leftMs);
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
