import { type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { counterRow, SeriesDirectory } from '../../shared-memory/counters.ts';
import type { Regions } from '../../shared-memory/regions.ts';
import { recordDuration } from './duration-histogram.ts';
import { DURATION_SLOTS, FAMILY, GC_KINDS } from './families.ts';

/** `kind` of a garbage collection by the number that Node gives it (perf_hooks constants). */
const KIND_OF: ReadonlyMap<number, number> = new Map([
  [1, 0],
  [8, 1],
  [4, 2],
]);
const KIND_OTHER = 3;

/** Where a thread's probe writes. */
export interface ThreadSlots {
  readonly row: Float64Array;
  /** First slot of the histogram of delays. */
  readonly delay: number;
  /** First slots of the histograms of garbage collections, one per kind. */
  readonly gc: readonly number[];
}

/** Slots in a worker's row of shared memory; `thread` is its place among the workers. */
export function workerThreadSlots(regions: Regions, row: number, thread: number): ThreadSlots {
  const directory = new SeriesDirectory(regions);
  const slotOf = (family: number, b: number): number =>
    directory.slotOf({ family, a: thread, b, c: 0 }, DURATION_SLOTS);
  return {
    row: counterRow(regions, row),
    delay: slotOf(FAMILY.loopDelay, 0),
    gc: GC_KINDS.map((_, kind) => slotOf(FAMILY.gcDuration, kind)),
  };
}

/** Slots for a thread that has no row, which is main. */
export function ownThreadSlots(): ThreadSlots {
  return {
    row: new Float64Array(DURATION_SLOTS * (GC_KINDS.length + 1)),
    delay: 0,
    gc: GC_KINDS.map((_, kind) => DURATION_SLOTS * (kind + 1)),
  };
}

/**
 * What only a thread itself can know of itself: how late its timers come and how long its garbage collections take.
 */
export class ThreadProbe {
  private readonly slots: ThreadSlots;
  private readonly observer: PerformanceObserver;
  private readonly periodMs: number;
  private lastMs: number;

  /** @param periodMs how often {@link tick} is called */
  constructor(slots: ThreadSlots, periodMs: number) {
    this.slots = slots;
    this.periodMs = periodMs;
    this.lastMs = performance.now();
    this.observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.collected(entry);
    });
    this.observer.observe({ entryTypes: ['gc'] });
  }

  /** To be called by a timer of the period: what it comes late is the delay of the event loop. */
  tick(nowMs: number): void {
    recordDuration(this.slots.row, this.slots.delay, Math.max(0, nowMs - this.lastMs - this.periodMs) / 1000);
    this.lastMs = nowMs;
  }

  /** Observes no longer. */
  close(): void {
    this.observer.disconnect();
  }

  private collected(entry: PerformanceEntry): void {
    const kind = KIND_OF.get(kindOf(entry)) ?? KIND_OTHER;
    recordDuration(this.slots.row, this.slots.gc[kind] as number, entry.duration / 1000);
  }
}

/** Number of the kind of collection; the types of Node leave the field out. */
function kindOf(entry: PerformanceEntry): number {
  const detail: unknown = 'detail' in entry ? entry.detail : null;
  return typeof detail === 'object' && detail !== null && 'kind' in detail ? Number(detail.kind) : -1;
}
