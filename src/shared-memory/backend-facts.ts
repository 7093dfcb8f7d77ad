/** Backends whose facts are kept; those with a higher place have none. */
export const BACKEND_ENTRIES = 4_096;
/** Float64 cells of one backend in one row: one cache line, so that workers do not write into each other's. */
const CELLS = 8;
const ROW = BACKEND_ENTRIES * CELLS;

/** Cells of a worker's row. */
const SUCCESSES = 0;
/** Cells of both kinds of rows. */
const AT_MS = 1;
const RESPONSE_MS = 2;
const STATUS = 3;
/** Cells of the common row of failures. */
const BASE = 4;
const STREAK = 5;
const REASON = 6;

/** What the attempts of all workers showed about a backend. */
export interface BackendFacts {
  /** Wall clock of the last attempt's end, ms. */
  readonly atMs: number;
  /** From its begin to the head of its answer or to the timeout; negative = there was nothing to measure. */
  readonly responseMs: number;
  /** Status of its answer; 0 = there was none. */
  readonly status: number;
  /** What the writer gave as the reason of a failure; -1 when the last attempt succeeded. */
  readonly reason: number;
  readonly consecutiveSuccesses: number;
  readonly consecutiveFailures: number;
  /** Length of the last series of failures, over or not. */
  readonly lastFailures: number;
}

/** The part of the regions that the facts are in. */
export interface BackendFactsRegions {
  readonly workers: number;
  /** Float64 [workers + 1][BACKEND_ENTRIES][CELLS]: a row per worker, then the common row of failures. */
  readonly backendFacts: SharedArrayBuffer;
}

/** Memory for the facts, zeroed; main only. Only touched pages cost memory. */
export function createBackendFactsRegion(workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer((workers + 1) * ROW * 8);
}

/**
 * Outcomes of attempts by the places of backends, the same for every reader. A success is four plain stores into the worker's own row;
 * only a failure, which is rare, reads all rows and writes the common one. Two workers that fail at the same instant may count
 * one failure: these numbers are shown, they decide nothing. What a dead worker wrote stays.
 */
export class BackendFactsTable {
  private readonly cells: Float64Array;
  private readonly workers: number;
  private readonly own: number;

  /** @param worker row to write, or -1 for a reader */
  constructor(regions: BackendFactsRegions, worker: number) {
    this.cells = new Float64Array(regions.backendFacts);
    this.workers = regions.workers;
    this.own = worker * ROW;
  }

  /** An attempt brought an answer that counts as one. */
  succeeded(backend: number, status: number, responseMs: number, atMs: number): void {
    if (backend >= BACKEND_ENTRIES) return;
    const { cells } = this;
    const at = this.own + backend * CELLS;
    cells[at + SUCCESSES] = (cells[at + SUCCESSES] as number) + 1;
    cells[at + AT_MS] = atMs;
    cells[at + RESPONSE_MS] = responseMs;
    cells[at + STATUS] = status;
  }

  /**
   * An attempt failed.
   *
   * @param status of its answer; 0 = there was none
   * @param reason a number of 0 or more that the reader understands
   */
  failed(backend: number, outcome: { status: number; reason: number }, responseMs: number, atMs: number): void {
    if (backend >= BACKEND_ENTRIES) return;
    const { cells } = this;
    const at = this.workers * ROW + backend * CELLS;
    const successes = this.successes(backend);
    const goesOn = cells[at + BASE] === successes;
    cells[at + BASE] = successes;
    cells[at + STREAK] = goesOn ? (cells[at + STREAK] as number) + 1 : 1;
    cells[at + AT_MS] = atMs;
    cells[at + RESPONSE_MS] = responseMs;
    cells[at + STATUS] = outcome.status;
    cells[at + REASON] = outcome.reason;
  }

  /** Forgets a backend that is gone for good: the place is another's. No worker may write to it meanwhile. */
  clear(backend: number): void {
    if (backend >= BACKEND_ENTRIES) return;
    for (let row = 0; row <= this.workers; row++) {
      const at = row * ROW + backend * CELLS;
      this.cells.fill(0, at, at + CELLS);
    }
  }

  /** What is known about a backend; null when no attempt has ended yet. */
  read(backend: number): BackendFacts | null {
    if (backend >= BACKEND_ENTRIES) return null;
    const failure = this.workers * ROW + backend * CELLS;
    const last = this.lastRow(backend);
    if (this.cell(last + AT_MS) === 0) return null;
    const streak = this.cell(failure + STREAK);
    const since = this.successes(backend) - this.cell(failure + BASE);
    return {
      atMs: this.cell(last + AT_MS),
      responseMs: this.cell(last + RESPONSE_MS),
      status: this.cell(last + STATUS),
      reason: last === failure ? this.cell(failure + REASON) : -1,
      consecutiveSuccesses: since,
      consecutiveFailures: since > 0 ? 0 : streak,
      lastFailures: streak,
    };
  }

  /** Where the newest outcome stands. Of two in the same millisecond the success, if the count says that one came later. */
  private lastRow(backend: number): number {
    const failure = this.workers * ROW + backend * CELLS;
    if (this.cell(failure + STREAK) > 0 && this.successes(backend) === this.cell(failure + BASE)) return failure;
    let last = backend * CELLS;
    for (let worker = 1; worker < this.workers; worker++) {
      const row = worker * ROW + backend * CELLS;
      if (this.cell(row + AT_MS) > this.cell(last + AT_MS)) last = row;
    }
    return last;
  }

  private successes(backend: number): number {
    let total = 0;
    for (let worker = 0; worker < this.workers; worker++)
      total += this.cell(worker * ROW + backend * CELLS + SUCCESSES);
    return total;
  }

  private cell(at: number): number {
    return this.cells[at] as number;
  }
}
