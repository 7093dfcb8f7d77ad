import { DURATION_BUCKETS } from './families.ts';

const BUCKETS = DURATION_BUCKETS.length;

/** Adds a duration to the histogram whose {@link DURATION_SLOTS} slots begin at `first`. */
export function recordDuration(row: Float64Array, first: number, seconds: number): void {
  let bucket = 0;
  while (bucket < BUCKETS && seconds > (DURATION_BUCKETS[bucket] as number)) bucket++;
  row[first + bucket] = (row[first + bucket] as number) + 1;
  row[first + BUCKETS + 1] = (row[first + BUCKETS + 1] as number) + seconds;
}
