import { GATE_ENTRIES } from './gate-cells.ts';

/** Float64 cells of one backend: a cache line. */
const CELLS = 8;

const STATE = 0;
const AT_MS = 1;
const DURATION_MS = 2;
const STATUS = 3;
const REASON = 4;
const SUCCESSES = 5;
const FAILURES = 6;

/** Values of the STATE cell. */
const UNCHECKED = 0;
const UNHEALTHY = 1;
const HEALTHY = 2;

/** What the active checks of a backend showed. */
export interface CheckFacts {
  readonly isHealthy: boolean;
  /** Wall clock of the last check's end, ms; 0 = none has ended yet. */
  readonly atMs: number;
  /** From the begin of the last check to its end. */
  readonly durationMs: number;
  /** Status of its answer; 0 = there was none. */
  readonly status: number;
  /** What the writer gave as the reason of a failure; -1 = it passed. */
  readonly reason: number;
  readonly consecutiveSuccesses: number;
  readonly consecutiveFailures: number;
}

/** The part of the regions that the facts are in. */
export interface CheckFactsRegions {
  /** Float64 [GATE_ENTRIES][CELLS]: written by main alone. */
  readonly checkFacts: SharedArrayBuffer;
}

/** Memory for the facts, zeroed; main only. Only touched pages cost memory. */
export function createCheckFactsRegion(): SharedArrayBuffer {
  return new SharedArrayBuffer(GATE_ENTRIES * CELLS * 8);
}

/** Outcomes of active checks by the places of backends: main writes, everybody reads. They are shown, they decide nothing. */
export class CheckFactsTable {
  private readonly cells: Float64Array;

  constructor(regions: CheckFactsRegions) {
    this.cells = new Float64Array(regions.checkFacts);
  }

  /** Writes what is known of a backend now. */
  write(backend: number, facts: CheckFacts): void {
    if (backend >= GATE_ENTRIES) return;
    const { cells } = this;
    const at = backend * CELLS;
    cells[at + AT_MS] = facts.atMs;
    cells[at + DURATION_MS] = facts.durationMs;
    cells[at + STATUS] = facts.status;
    cells[at + REASON] = facts.reason;
    cells[at + SUCCESSES] = facts.consecutiveSuccesses;
    cells[at + FAILURES] = facts.consecutiveFailures;
    cells[at + STATE] = facts.isHealthy ? HEALTHY : UNHEALTHY;
  }

  /** A backend that is not checked any more: nothing is known of it. */
  clear(backend: number): void {
    if (backend < GATE_ENTRIES) this.cells[backend * CELLS + STATE] = UNCHECKED;
  }

  /** What is known of a backend; null when it is not checked. */
  read(backend: number): CheckFacts | null {
    if (backend >= GATE_ENTRIES) return null;
    const at = backend * CELLS;
    if (this.cell(at + STATE) === UNCHECKED) return null;
    return {
      isHealthy: this.cell(at + STATE) === HEALTHY,
      atMs: this.cell(at + AT_MS),
      durationMs: this.cell(at + DURATION_MS),
      status: this.cell(at + STATUS),
      reason: this.cell(at + REASON),
      consecutiveSuccesses: this.cell(at + SUCCESSES),
      consecutiveFailures: this.cell(at + FAILURES),
    };
  }

  private cell(at: number): number {
    return this.cells[at] as number;
  }
}
