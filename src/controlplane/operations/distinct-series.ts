import type { SeriesEntry } from '../../shared-memory/counters.ts';
import type { HistogramValues } from '../../telemetry/metrics/exposition.ts';
import { LABEL_OTHER, RAW_PATH_FIRST } from '../../telemetry/metrics/families.ts';

/** What is shown as one series: its labels, and the slots that it is the sum of. */
export interface DistinctSeries {
  readonly labels: string;
  readonly slots: readonly number[];
}

/**
 * Series of paths, each set of labels once: a raw path may be the path of a route or of an endpoint too, and Prometheus takes
 * only the first of two samples with the same labels.
 */
export function* distinctSeries(
  entries: readonly SeriesEntry[],
  labelsOf: (entry: SeriesEntry) => string,
): Generator<DistinctSeries> {
  const raw = new Map<string, number[]>();
  for (const entry of entries) {
    if (!isRaw(entry)) continue;
    const labels = labelsOf(entry);
    const slots = raw.get(labels);
    if (slots === undefined) raw.set(labels, [entry.slot]);
    else slots.push(entry.slot);
  }
  for (const entry of entries) {
    if (isRaw(entry)) continue;
    const labels = labelsOf(entry);
    yield { labels, slots: [entry.slot, ...(raw.get(labels) ?? [])] };
    raw.delete(labels);
  }
  for (const [labels, slots] of raw) yield { labels, slots };
}

/** The sum of histograms with the same buckets. */
export function sumOfHistograms(histograms: readonly HistogramValues[]): HistogramValues {
  const [first = { counts: [], sum: 0 }, ...others] = histograms;
  if (others.length === 0) return first;
  return {
    counts: first.counts.map((count, i) => others.reduce((total, { counts }) => total + (counts[i] as number), count)),
    sum: others.reduce((total, { sum }) => total + sum, first.sum),
  };
}

function isRaw({ a }: SeriesEntry): boolean {
  return a >= RAW_PATH_FIRST && a !== LABEL_OTHER;
}
