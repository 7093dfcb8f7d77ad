import { compareCase, type FuzzCase } from './compare.ts';

/** Takes parts out of a case as long as it shows the same difference: halves first, single bytes at last. */
export function minimise(input: FuzzCase): FuzzCase {
  const what = compareCase(input).difference?.what;
  const shows = (candidate: FuzzCase): boolean => compareCase(candidate).difference?.what === what;
  let best = shows({ ...input, cuts: [] }) ? { ...input, cuts: [] as number[] } : input;
  for (let size = Math.ceil(best.text.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.text.length; ) {
      const candidate = { ...best, text: best.text.slice(0, at) + best.text.slice(at + size) };
      if (shows(candidate)) best = candidate;
      else at += size;
    }
  }
  return best;
}
