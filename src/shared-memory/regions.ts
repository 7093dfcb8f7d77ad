/**
 * Memory shared by all threads. This folder is the only place that names SharedArrayBuffer or Atomics. Main creates the
 * regions, every worker attaches to its own rows; a row has one writer, readers sum over rows (DESIGN.md 1, row 9).
 */

import { createBackendFactsRegion } from './backend-facts.ts';
import { createGateRegions } from './gate-cells.ts';
import { createRetryBudgetRegion } from './retry-budget.ts';
import { createCheckFactsRegion } from './check-facts.ts';

/** Raised with every change of a region's meaning; threads of one program always agree, a successor process checks it. */
const LAYOUT_VERSION = 6;

/** Series of one slot, such as counters; a power of two. */
export const SINGLE_ENTRIES = 32_768;
/** Series of several slots, such as histograms; a power of two. */
export const WIDE_ENTRIES = 8_192;
/** Slots of a wide series. */
export const WIDE_SLOTS = 16;
/** Series of very many slots, such as fine histograms of backends; a power of two. */
export const BROAD_ENTRIES = 2_048;
/** Slots of a broad series. */
export const BROAD_SLOTS = 128;
/** Counter slots of one worker: 3.3 MiB of address space, of which only touched pages cost memory. */
export const COUNTER_SLOTS: number = 1 + SINGLE_ENTRIES + WIDE_ENTRIES * WIDE_SLOTS + BROAD_ENTRIES * BROAD_SLOTS;
/** Cells of values that are held, not counted: zeroed when their worker dies. */
export const HELD_CELLS = 16;
/** Backends whose connections are held apart, the last of which stands for all further ones. */
export const HELD_BACKENDS = 1_024;
/** Values that are held per backend. */
export const HELD_BACKEND_CELLS = 3;
/** Places for raw paths, of which half may be taken so that a search stays short; a power of two. */
export const PATH_ENTRIES = 2_048;
/** Longest raw path in characters that has a place. */
export const PATH_BYTES = 256;
/** Client addresses that are counted at the same time; a power of two. */
export const CLIENT_ENTRIES = 16_384;
/** Bytes of one worker's log ring; a power of two. */
export const LOG_RING_BYTES = 1_048_576;

/** The regions as they are sent to a worker. */
export interface Regions {
  readonly layoutVersion: number;
  readonly workers: number;
  /** Float64 [workers][COUNTER_SLOTS]. */
  readonly counters: SharedArrayBuffer;
  /** BigInt64 [SINGLE_ENTRIES + WIDE_ENTRIES + BROAD_ENTRIES]: what each entry counts. */
  readonly directoryKeys: SharedArrayBuffer;
  /** Int32 [4]: look-ups that found no room, then the entries taken per width. */
  readonly directoryUse: SharedArrayBuffer;
  /** Int32 [workers][HELD_CELLS]. */
  readonly held: SharedArrayBuffer;
  /** Int32 [workers][HELD_BACKENDS][HELD_BACKEND_CELLS]. */
  readonly heldBackends: SharedArrayBuffer;
  /** As `backend-facts.ts` lays it out. */
  readonly backendFacts: SharedArrayBuffer;
  /** As `gate-cells.ts` lays them out. */
  readonly gates: SharedArrayBuffer;
  readonly gateRows: SharedArrayBuffer;
  /** As `retry-budget.ts` lays it out. */
  readonly retryBudget: SharedArrayBuffer;
  /** As `check-facts.ts` lays it out. */
  readonly checkFacts: SharedArrayBuffer;
  /** BigInt64 [PATH_ENTRIES] hashes, Int32 [PATH_ENTRIES + 1] lengths and number of paths, and their latin1 texts. */
  readonly pathKeys: SharedArrayBuffer;
  readonly pathLengths: SharedArrayBuffer;
  readonly pathTexts: SharedArrayBuffer;
  /** Int32 [workers + 1]: heartbeats, the last one is main's. */
  readonly heartbeats: SharedArrayBuffer;
  /** BigInt64 [CLIENT_ENTRIES] keys and Int32 [CLIENT_ENTRIES][workers] counts. */
  readonly clientKeys: SharedArrayBuffer;
  readonly clientCounts: SharedArrayBuffer;
  /** One log ring per worker, and the wake-up word of the log thread. */
  readonly logRings: readonly SharedArrayBuffer[];
  readonly logWake: SharedArrayBuffer;
}

/** Creates zeroed regions for `workers` worker threads; main only. */
export function createRegions(workers: number): Regions {
  return {
    layoutVersion: LAYOUT_VERSION,
    workers,
    counters: new SharedArrayBuffer(workers * COUNTER_SLOTS * 8),
    directoryKeys: new SharedArrayBuffer((SINGLE_ENTRIES + WIDE_ENTRIES + BROAD_ENTRIES) * 8),
    directoryUse: new SharedArrayBuffer(16),
    held: new SharedArrayBuffer(workers * HELD_CELLS * 4),
    heldBackends: new SharedArrayBuffer(workers * HELD_BACKENDS * HELD_BACKEND_CELLS * 4),
    backendFacts: createBackendFactsRegion(workers),
    ...createGateRegions(workers),
    retryBudget: createRetryBudgetRegion(workers),
    checkFacts: createCheckFactsRegion(),
    pathKeys: new SharedArrayBuffer(PATH_ENTRIES * 8),
    pathLengths: new SharedArrayBuffer((PATH_ENTRIES + 1) * 4),
    pathTexts: new SharedArrayBuffer(PATH_ENTRIES * PATH_BYTES),
    heartbeats: new SharedArrayBuffer((workers + 1) * 4),
    clientKeys: new SharedArrayBuffer(CLIENT_ENTRIES * 8),
    clientCounts: new SharedArrayBuffer(CLIENT_ENTRIES * workers * 4),
    logRings: Array.from({ length: workers }, () => new SharedArrayBuffer(LOG_RING_BYTES + 64)),
    logWake: new SharedArrayBuffer(4),
  };
}
