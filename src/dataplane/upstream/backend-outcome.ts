import { type ErrorCode, errorEntry } from '../../base/errors/catalogue.ts';
import { ERROR_CODES, errorNumber } from '../../base/errors/error-number.ts';
import type { BackendFacts, BackendFactsTable } from '../../shared-memory/backend-facts.ts';

/** The backend did answer, and the answer says that it cannot work. */
const UNAVAILABLE_ANSWER = ERROR_CODES.length;

/** Answers that count as failures, as they do for retries (SPEC F, Retries). */
const UNAVAILABLE: ReadonlySet<number> = new Set([502, 503, 504]);

/** Says nothing about the backend, although it is what the client waited for: the queue is the proxy's own. */
const NOT_THE_BACKEND: ReadonlySet<ErrorCode> = new Set(['backend_pool_timeout', 'route_timeout']);

/** Whether an answer counts as a failure of the backend. */
export function isUnavailable(status: number): boolean {
  return UNAVAILABLE.has(status);
}

/** Whether a failure says something about the backend. */
function isBackendFault(code: ErrorCode): boolean {
  return errorEntry(code).source === 'upstream' && !NOT_THE_BACKEND.has(code);
}

/**
 * Whether a failure is for the backend's breaker and its ejection. Nothing was sent to a backend whose name has no address, and as
 * soon as there is one it shall get requests, not when a breaker thinks so.
 */
export function closesGate(code: ErrorCode): boolean {
  return isBackendFault(code) && code !== 'backend_unresolved';
}

/** Writes down how attempts at one backend end. */
export class OutcomeRecorder {
  private readonly facts: BackendFactsTable;
  private readonly index: number;

  /** @param index of the backend's series */
  constructor(facts: BackendFactsTable, index: number) {
    this.facts = facts;
    this.index = index;
  }

  /** The head of an answer arrived, `responseMs` after the attempt began. Cheap: once per attempt. */
  answered(status: number, responseMs: number): void {
    if (!isUnavailable(status)) this.facts.succeeded(this.index, status, responseMs, Date.now());
    else this.facts.failed(this.index, { status, reason: UNAVAILABLE_ANSWER }, responseMs, Date.now());
  }

  /** The attempt failed; failures that are not the backend's are left out. A negative `responseMs` = nothing to measure. */
  failed(code: ErrorCode, responseMs: number): void {
    if (!isBackendFault(code)) return;
    this.facts.failed(this.index, { status: 0, reason: errorNumber(code) }, responseMs, Date.now());
  }
}

/** The reason of a failed last attempt in words, with its code; null when it succeeded. */
export function failureText(facts: BackendFacts): string | null {
  if (facts.reason < 0) return null;
  const code = ERROR_CODES[facts.reason];
  return code === undefined ? `The backend answered ${facts.status}` : `${errorEntry(code).text} (${code})`;
}
