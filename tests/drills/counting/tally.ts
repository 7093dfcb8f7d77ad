/** Counts by key. Plain values, so that it can cross processes. */
export type Tally = Record<string, number>;

/** Raises the count of a key. */
export function count(tally: Tally, key: string, by = 1): void {
  tally[key] = (tally[key] ?? 0) + by;
}

/** Sum of several tallies. */
export function sumOfTallies(tallies: readonly Tally[]): Tally {
  const sum: Tally = {};
  for (const tally of tallies) for (const [key, value] of Object.entries(tally)) count(sum, key, value);
  return sum;
}

/** Sum of all counts. */
export function total(tally: Tally): number {
  return Object.values(tally).reduce((sum, value) => sum + value, 0);
}

/** Every key whose counts are not the same, in words. */
export function differences(what: string, expected: Tally, found: Tally): string[] {
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(found)])].toSorted();
  return keys.flatMap((key) => {
    const [want, have] = [expected[key] ?? 0, found[key] ?? 0];
    return want === have ? [] : [`${what}: ${key}: ${have} instead of ${want}`];
  });
}
