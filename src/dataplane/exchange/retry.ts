import type { ErrorCode } from '../../base/errors/catalogue.ts';
import type { RequestHead } from '../../base/http1/request-head.ts';
import type { TimerWheel } from '../../base/time/timer-wheel.ts';
import type { RetryCause } from '../../config/resilience-settings.ts';

/** A route's rules for sending a request again (docs/retries.md). */
export interface RetryPolicy {
  /** Attempts in all, 2 or more. */
  readonly attempts: number;
  /** Longest wait of one attempt for the head of an answer, ms; 0 = the route's timeout alone. */
  readonly perTryTimeoutMs: number;
  /** Bytes of a request body that are kept for another attempt. */
  readonly bodyLimitBytes: number;
  /** For the waits between attempts. */
  readonly wheel: TimerWheel;
  /** The cause that a failure counts as; null = not sent again. */
  causeOf(code: ErrorCode): RetryCause | null;
  /** The cause that an answer counts as; null = it is the answer. */
  causeOfStatus(status: number): RetryCause | null;
  /** Whether a request that a backend may have acted on may be sent again. */
  mayRepeat(head: RequestHead): boolean;
  /** Counts a request for the program's budget; once, however often it is sent. */
  requested(): void;
  /** Takes one retry out of the program's budget; false = there is none left. */
  takeFromBudget(): boolean;
  /** Wait before the attempt after the `attempt`th, ms, shortened at random. */
  delayMs(attempt: number): number;
}
