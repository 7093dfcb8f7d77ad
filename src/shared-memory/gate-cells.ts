/** Backends that have a gate; those with a higher place are always open. More than a program is likely to have. */
export const GATE_ENTRIES = 16_384;

/** Int32 cells of one backend: two cache lines. The first is read for every selection, the second only when something fails. */
const CELLS = 32;

/**
 * Cells of a gate. Times are steady ms in 32 bits, 0 = none; only their differences mean anything, and main's sweep clears them
 * long before they wrap after 24 days.
 */
export const GATE = {
  /** Bits of {@link GATE_FLAG}; written by main alone. */
  flags: 0,
  /** State and time of the breaker, as `breaker.ts` packs them. */
  breaker: 1,
  /** End of an ejection; its lowest bit is set until the share of the group is found to allow it. */
  ejectedUntil: 2,
  /** When the backend came back; requests come back little by little from there on. */
  recoveredAt: 3,
  /** Failures in a row that the breaker counts, with the generation that they belong to. */
  breakerFailures: 4,
  /** Failures in a row that ejection counts. */
  failuresInRow: 5,
  /** Trials that succeeded, with the generation that they belong to. */
  trialSuccesses: 16,
  /** How often the breaker turned to each state, in the order of the states. */
  turns: 17,
  /** How often it was ejected, by the reasons in their order. */
  ejections: 21,
  /** Ejections without as much time in service between them. */
  ejectionsInRow: 23,
  /** End of the last ejection. */
  returnedAt: 24,
  /** Begin of the window of the failure share, or a mark that it is being begun. */
  windowAt: 25,
  /** Successes and failures of all workers when the window began. */
  windowSuccesses: 26,
  windowFailures: 27,
} as const;

/** Reasons to keep requests from a backend that main knows of. */
export const GATE_FLAG = {
  /** Its active checks fail. Overruled when a group has no available backend. */
  unhealthy: 1,
  /** An operator took it out. Never overruled. */
  out: 2,
} as const;

/** Cells of a worker's row for one backend. */
const GATE_ROW_CELLS = 4;
export const GATE_ROW = {
  /** Trial requests that this worker has in flight: given back when it dies. */
  trials: 0,
  /** Attempts since the start that succeeded or failed; only counted where a failure share is looked at. */
  successes: 1,
  failures: 2,
} as const;

/** The part of the regions that gates are in. */
export interface GateRegions {
  readonly workers: number;
  /** Int32 [GATE_ENTRIES][32]. */
  readonly gates: SharedArrayBuffer;
  /** Int32 [workers][GATE_ENTRIES][GATE_ROW_CELLS]. */
  readonly gateRows: SharedArrayBuffer;
}

/** Memory for all gates, zeroed: every gate is open. Only touched pages cost memory. */
export function createGateRegions(workers: number): Pick<GateRegions, 'gates' | 'gateRows'> {
  return {
    gates: new SharedArrayBuffer(GATE_ENTRIES * CELLS * 4),
    gateRows: new SharedArrayBuffer(workers * GATE_ENTRIES * GATE_ROW_CELLS * 4),
  };
}

/** First cell of a backend. */
export function gateStart(backend: number): number {
  return backend * CELLS;
}

/** First cell of a backend in the row of a worker. */
export function gateRowStart(worker: number, backend: number): number {
  return (worker * GATE_ENTRIES + backend) * GATE_ROW_CELLS;
}

/** A time for a cell: never 0, which means none, and even, so that the lowest bit is free for a mark. */
export function timeCell(steadyMs: number): number {
  return steadyMs & ~1 || 2;
}

/** Ms from a cell's time to now; negative = it lies ahead. */
export function elapsedMs(steadyMs: number, cell: number): number {
  return ((steadyMs | 0) - cell) | 0;
}
