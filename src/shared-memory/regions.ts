/**
 * Memory shared by all threads. This folder is the only place that names SharedArrayBuffer or Atomics. Main creates the
 * regions, every worker attaches to its own rows; a row has one writer, readers sum over rows (DESIGN.md 1, row 9).
 */

/** Raised with every change of a region's meaning; threads of one program always agree, a successor process checks it. */
const LAYOUT_VERSION = 2;

/** Series of one slot, such as counters; a power of two. */
export const SINGLE_ENTRIES = 32_768;
/** Series of several slots, such as histograms; a power of two. */
export const WIDE_ENTRIES = 8_192;
/** Slots of a wide series. */
export const WIDE_SLOTS = 16;
/** Counter slots of one worker: 1.3 MiB of address space, of which only touched pages cost memory. */
export const COUNTER_SLOTS: number = 1 + SINGLE_ENTRIES + WIDE_ENTRIES * WIDE_SLOTS;
/** Cells of values that are held, not counted: zeroed when their worker dies. */
export const HELD_CELLS = 16;
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
  /** BigInt64 [SINGLE_ENTRIES + WIDE_ENTRIES]: what each entry counts. */
  readonly directoryKeys: SharedArrayBuffer;
  /** Int32: look-ups that found no room. */
  readonly directoryOverflows: SharedArrayBuffer;
  /** Int32 [workers][HELD_CELLS]. */
  readonly held: SharedArrayBuffer;
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
    directoryKeys: new SharedArrayBuffer((SINGLE_ENTRIES + WIDE_ENTRIES) * 8),
    directoryOverflows: new SharedArrayBuffer(4),
    held: new SharedArrayBuffer(workers * HELD_CELLS * 4),
    heartbeats: new SharedArrayBuffer((workers + 1) * 4),
    clientKeys: new SharedArrayBuffer(CLIENT_ENTRIES * 8),
    clientCounts: new SharedArrayBuffer(CLIENT_ENTRIES * workers * 4),
    logRings: Array.from({ length: workers }, () => new SharedArrayBuffer(LOG_RING_BYTES + 64)),
    logWake: new SharedArrayBuffer(4),
  };
}
