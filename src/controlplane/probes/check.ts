import type { CheckFailure } from '../../base/errors/check-failures.ts';

/** What a check found. */
export interface CheckVerdict {
  /** Null = it passed. */
  readonly failure: CheckFailure | null;
  /** Status of the answer; 0 = there was none, or its protocol has none. */
  readonly status: number;
  /** More about a failure, for the log: an error code of the system, a line of the server. Never a secret. */
  readonly detail: string | null;
}

/** A check that ended. */
export interface CheckOutcome extends CheckVerdict {
  /** From its begin to its verdict. */
  readonly durationMs: number;
}

/** Asks once; always settles, never rejects, and leaves nothing open. */
export type Check = () => Promise<CheckOutcome>;

/** A check passed. */
export function passed(status = 0): CheckVerdict {
  return { failure: null, status, detail: null };
}

/** A check failed. */
export function failed(failure: CheckFailure, detail: string | null = null, status = 0): CheckVerdict {
  return { failure, status, detail };
}
