import { type ErrorCode, errorEntry, type RetryClass } from '../../base/errors/catalogue.ts';
import { isIdempotent } from '../../base/http/methods.ts';
import { NamedField } from '../../base/http/named-field.ts';
import type { RequestHead } from '../../base/http1/request-head.ts';
import type { TimerWheel } from '../../base/time/timer-wheel.ts';
import type { RetryBudgetSettings, RetryCause, RetrySettings } from '../../config/resilience-settings.ts';
import type { RetryPolicy } from '../exchange/retry.ts';

/** Says whether the program's backends can bear one more retry; exact over all workers. */
export interface RetryAllowance {
  configure(settings: RetryBudgetSettings): void;
  /** A request came that may have to be sent again: the allowance grows with them. */
  requested(): void;
  mayRetry(): boolean;
}

/** A client that sends it promises that a repetition has no further effect (draft-ietf-httpapi-idempotency-key-header). */
const IDEMPOTENCY_KEY = new NamedField('Idempotency-Key');

const CAUSE_OF_CLASS: Readonly<Record<RetryClass, RetryCause | null>> = {
  never: null,
  if_unsent: 'connect',
  if_reused_connection: 'reset',
  if_idempotent: 'timeout',
};
/** Least and additional share of a wait: two requests that failed together do not come back together. */
const LEAST_SHARE = 0.5;

/** The retry rules of a route, made of its settings. */
class CompiledRetryPolicy implements RetryPolicy {
  readonly attempts: number;
  readonly perTryTimeoutMs: number;
  readonly bodyLimitBytes: number;
  readonly wheel: TimerWheel;
  private readonly settings: RetrySettings;
  private readonly causes: ReadonlySet<RetryCause>;
  private readonly allowance: RetryAllowance;

  constructor(settings: RetrySettings, wheel: TimerWheel, allowance: RetryAllowance) {
    this.settings = settings;
    this.wheel = wheel;
    this.allowance = allowance;
    this.attempts = settings.attempts;
    this.perTryTimeoutMs = settings.perTryTimeoutMs;
    this.bodyLimitBytes = settings.bodyLimitBytes;
    this.causes = new Set(settings.causes);
  }

  causeOf(code: ErrorCode): RetryCause | null {
    const cause = CAUSE_OF_CLASS[errorEntry(code).retry];
    return cause !== null && this.causes.has(cause) ? cause : null;
  }

  causeOfStatus(status: number): RetryCause | null {
    const cause = STATUS_CAUSES.get(status);
    return cause !== undefined && this.causes.has(cause) ? cause : null;
  }

  mayRepeat(head: RequestHead): boolean {
    return this.settings.anyMethod || isIdempotent(head.method) || IDEMPOTENCY_KEY.first(head.fields) !== null;
  }

  requested(): void {
    this.allowance.requested();
  }

  takeFromBudget(): boolean {
    return this.allowance.mayRetry();
  }

  delayMs(attempt: number): number {
    const { initialIntervalMs, maxIntervalMs, multiplier } = this.settings;
    const whole = Math.min(maxIntervalMs, initialIntervalMs * multiplier ** (attempt - 1));
    return whole * (LEAST_SHARE + (1 - LEAST_SHARE) * Math.random());
  }
}

const STATUS_CAUSES: ReadonlyMap<number, RetryCause> = new Map([
  [429, '429'],
  [502, '502'],
  [503, '503'],
  [504, '504'],
]);

/** The policy of a route; null when every request is sent once. */
export function createRetryPolicy(
  settings: RetrySettings,
  wheel: TimerWheel,
  allowance: RetryAllowance,
): RetryPolicy | null {
  const isOff = settings.attempts < 2 || settings.causes.length === 0;
  return isOff ? null : new CompiledRetryPolicy(settings, wheel, allowance);
}
