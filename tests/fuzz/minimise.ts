import type { FuzzCase } from './compare.ts';

/** Takes parts out of a case as long as `shows` holds: halves first, single bytes at last. */
export function minimise(input: FuzzCase, shows: (candidate: FuzzCase) => boolean): FuzzCase {
  const uncut = { ...input, cuts: [] };
  let best: FuzzCase = shows(uncut) ? uncut : input;
  for (let size = Math.ceil(best.text.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.text.length;) {
      const candidate = { ...best, text: best.text.slice(0, at) + best.text.slice(at + size) };
      if (shows(candidate)) best = candidate;
      else at += size;
    }
  }
  return best;
}
