/** A median with the interval that surely enough contains the true one. */
export interface Estimate {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** Probability that [low, high] holds the true median, 0..1; below 0.95 when there are fewer than six values. */
  readonly confidence: number;
  /** Values that the estimate was made of. */
  readonly count: number;
}

/** The confidence that an interval is asked to reach. */
const WANTED_CONFIDENCE = 0.95;

/** The middle value, or the mean of the two middle values; NaN when there is none. Leaves its argument as it is. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted(ascending);
  const middle = sorted.length / 2;
  return (at(sorted, Math.ceil(middle) - 1) + at(sorted, Math.floor(middle))) / 2;
}

/**
 * Median with its sign-test interval: the narrowest pair of order statistics that holds the true median with at least 95 %
 * (binomial with p = 1/2, so nothing is assumed about the distribution). With fewer than six values that cannot be reached: the
 * interval is then the whole range and `confidence` says what it is worth. Everything is NaN when there is no value.
 */
export function estimateMedian(values: readonly number[]): Estimate {
  const sorted = values.toSorted(ascending);
  const count = sorted.length;
  let rank = 1;
  while (rank < Math.ceil(count / 2) && coverage(count, rank + 1) >= WANTED_CONFIDENCE) rank++;
  return {
    median: median(sorted),
    low: at(sorted, rank - 1),
    high: at(sorted, count - rank),
    confidence: count === 0 ? Number.NaN : coverage(count, rank),
    count,
  };
}

/** Value by value `numerators[i] / denominators[i]`; ends with the shorter list. */
export function pairRatios(numerators: readonly number[], denominators: readonly number[]): number[] {
  const length = Math.min(numerators.length, denominators.length);
  return numerators.slice(0, length).map((numerator, index) => numerator / at(denominators, index));
}

/** Probability that the true median lies between the `rank`-th smallest and the `rank`-th largest of `count` values. */
function coverage(count: number, rank: number): number {
  let term = 0.5 ** count;
  let tail = 0;
  for (let index = 0; index < rank; index++) {
    tail += term;
    term *= (count - index) / (index + 1);
  }
  return 1 - 2 * tail;
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? Number.NaN;
}

function ascending(left: number, right: number): number {
  return left - right;
}
