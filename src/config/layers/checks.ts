import type { Origin } from '../origin.ts';
import { quoteValue } from '../problem.ts';
import type { ConfigProblem } from '../problem.ts';
import { CHECK_KEYS } from '../sections/dependencies.ts';
import { isName, NAME_FORM, nameLike } from '../sections/text-fields.ts';
import type { LayerEntry } from './layer.ts';

/** Where checks were written: the whole map, and places inside it when the layer knows them. */
interface ChecksPlace {
  readonly spelling: string;
  readonly rank: number;
  readonly originAt: (path: readonly PropertyKey[]) => Origin;
}

/**
 * Takes the map of checks apart, so that a higher layer can change one key of one check. A check may be its URL alone.
 */
export function checkEntries(
  checks: Readonly<Record<string, unknown>>,
  place: ChecksPlace,
): { entries: LayerEntry[]; problems: ConfigProblem[] } {
  const entries: LayerEntry[] = [];
  const problems: ConfigProblem[] = [];
  const { spelling, rank, originAt } = place;
  for (const [name, check] of Object.entries(checks)) {
    const refused = problemOf(name, check);
    if (refused !== null) {
      problems.push({ severity: 'error', key: 'checks', origin: originAt([name]).text, ...refused });
      continue;
    }
    const isUrl = typeof check === 'string';
    for (const [key, value] of Object.entries(isUrl ? { url: check } : (check ?? {}))) {
      if (value === null) continue;
      const path = isUrl ? [name] : [name, key];
      const inner = (rest: readonly PropertyKey[]): Origin => originAt([...path, ...rest]);
      const full = `checks.${name}.${key}`;
      entries.push({ key: full, value, rank, origin: originAt(path), spelling, originAt: inner });
    }
  }
  return { entries, problems };
}

function problemOf(name: string, check: unknown): Pick<ConfigProblem, 'message' | 'allowed' | 'didYouMean'> | null {
  if (!isName(name))
    return {
      message: `${quoteValue(name)} is not the name of a check`,
      allowed: NAME_FORM,
      didYouMean: nameLike(name),
    };
  if (typeof check === 'string' || check === null || isPlainMap(check)) return null;
  return { message: `${name} is not a map`, allowed: `a URL, or a map of ${CHECK_KEYS.join(', ')}` };
}

function isPlainMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
