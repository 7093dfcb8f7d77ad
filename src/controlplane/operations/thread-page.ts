import { CATALOGUE } from '../../telemetry/metrics/catalogue.ts';
import { type Exposition, type HistogramValues, labelText } from '../../telemetry/metrics/exposition.ts';
import { DURATION_BUCKETS, DURATION_SLOTS, FAMILY, GC_KINDS } from '../../telemetry/metrics/families.ts';
import { sumOfHistograms } from './distinct-series.ts';
import type { Sampler } from './sampler.ts';
import type { SeriesByFamily, SharedSeries } from './shared-series.ts';

/** A histogram of garbage collections with its labels. */
interface Collections extends HistogramValues {
  readonly thread: string;
  readonly kind: string;
}

/** Points of the summary of pauses that Go programs have. */
const GC_QUANTILES: readonly number[] = [0, 0.25, 0.5, 0.75, 1];

/** Writes the metrics of threads. */
export function writeThreads(to: Exposition, families: SeriesByFamily, series: SharedSeries, sampler: Sampler): void {
  const loops = to.family(CATALOGUE.loopUtilization);
  const threads = sampler.threads.values;
  for (const { thread, utilization } of threads) to.sample(loops, labelText('thread', thread), utilization);
  const delays = to.family(CATALOGUE.loopDelay);
  const { row, delay } = sampler.mainSlots;
  to.histogram(delays, labelText('thread', 'main'), ownDurations(row, delay));
  for (const { a, slot } of families.get(FAMILY.loopDelay) ?? [])
    to.histogram(delays, labelText('thread', `worker-${a}`), series.histogram(slot));
  writeCollections(to, collectionsOf(families, series, sampler));
  const cpu = to.family(CATALOGUE.threadCpu);
  for (const { thread, sample } of threads) to.sample(cpu, labelText('thread', thread), sample.cpuSeconds);
  const used = to.family(CATALOGUE.threadHeapUsed);
  for (const { thread, sample } of threads) to.sample(used, labelText('thread', thread), sample.heapUsedBytes);
  const limit = to.family(CATALOGUE.threadHeapLimit);
  for (const { thread, sample } of threads) to.sample(limit, labelText('thread', thread), sample.heapLimitBytes);
}

function collectionsOf(families: SeriesByFamily, series: SharedSeries, sampler: Sampler): Collections[] {
  const { row, gc } = sampler.mainSlots;
  return [
    ...gc.map((slot, kind) => ({ thread: 'main', kind: GC_KINDS[kind] as string, ...ownDurations(row, slot) })),
    ...(families.get(FAMILY.gcDuration) ?? []).map(({ a, b, slot }) => ({
      thread: `worker-${a}`,
      kind: GC_KINDS[b] ?? 'other',
      ...series.histogram(slot),
    })),
  ];
}

function writeCollections(to: Exposition, collections: readonly Collections[]): void {
  const name = to.family(CATALOGUE.gcDuration);
  for (const { thread, kind, counts, sum } of collections)
    to.histogram(name, `${labelText('thread', thread)},${labelText('kind', kind)}`, { counts, sum });
  const { counts: all, sum } = sumOfHistograms(collections);
  const count = all.reduce((total, each) => total + each, 0);
  const quantiles = GC_QUANTILES.map((quantile) => [quantile, bucketBound(all, quantile)] as const);
  to.summary(to.family(CATALOGUE.goGcDuration), '', quantiles, { sum, count });
}

/** Upper bound of the bucket in which a quantile lies; the highest finite bound above it, NaN without any value. */
function bucketBound(counts: readonly number[], quantile: number): number {
  const total = counts.reduce((sum, each) => sum + each, 0);
  if (total === 0) return NaN;
  let below = 0;
  for (const [i, count] of counts.entries()) {
    below += count;
    if (count > 0 && below >= quantile * total) return DURATION_BUCKETS[i] ?? (DURATION_BUCKETS.at(-1) as number);
  }
  return NaN;
}

function ownDurations(row: Float64Array, slot: number): HistogramValues {
  const end = slot + DURATION_SLOTS - 1;
  return { counts: [...row.subarray(slot, end)], sum: row[end] as number };
}
