import { CounterReader, SeriesDirectory, type SeriesEntry } from '../../shared-memory/counters.ts';
import type { Regions } from '../../shared-memory/regions.ts';
import type { HistogramValues } from '../../telemetry/metrics/exposition.ts';
import { DURATION_BUCKETS, FAMILY } from '../../telemetry/metrics/families.ts';
import { FINE_SLOTS } from '../../telemetry/metrics/fine-histogram.ts';

/** Series by their family, in the order of their labels. */
export type SeriesByFamily = ReadonlyMap<number, readonly SeriesEntry[]>;

/** Reads the series that workers write, summed over the workers, dead ones included. */
export class SharedSeries {
  readonly directory: SeriesDirectory;
  private readonly counters: CounterReader;

  constructor(regions: Regions) {
    this.directory = new SeriesDirectory(regions);
    this.counters = new CounterReader(regions);
  }

  /** All series that exist now. */
  byFamily(): SeriesByFamily {
    const families = new Map<number, SeriesEntry[]>();
    for (const entry of this.directory.entries()) {
      const entries = families.get(entry.family);
      if (entries === undefined) families.set(entry.family, [entry]);
      else entries.push(entry);
    }
    for (const entries of families.values()) entries.sort((x, y) => x.a - y.a || x.b - y.b || x.c - y.c);
    return families;
  }

  /** A counter. */
  value(slot: number): number {
    return this.counters.sum(slot);
  }

  /** A histogram with these bounds: counts per bucket, +Inf the last, then the sum. */
  histogram(slot: number, bounds = DURATION_BUCKETS): HistogramValues {
    const counts = Array.from({ length: bounds.length + 1 }, (_, i) => this.counters.sum(slot + i));
    return { counts, sum: this.counters.sum(slot + bounds.length + 1) };
  }

  /** Slots of a fine histogram. */
  fine(slot: number): Float64Array {
    return Float64Array.from({ length: FINE_SLOTS }, (_, i) => this.counters.sum(slot + i));
  }

  /** Requests answered since the start. */
  requestTotal(): number {
    let total = 0;
    for (const { family, slot } of this.directory.entries())
      if (family === FAMILY.requests) total += this.counters.sum(slot);
    return total;
  }
}
