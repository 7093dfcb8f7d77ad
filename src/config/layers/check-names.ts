import type { NamedKey } from '../aliases.ts';
import { nearestName } from '../nearest-name.ts';
import { CHECK_KEYS } from '../sections/dependencies.ts';
import { isName } from '../sections/text-fields.ts';

/** The variable that holds all checks as one JSON object. */
export const CHECKS_VARIABLE = 'RWWWRSE_CHECKS';

/** Longest first: `RWWWRSE_CHECKS_A_URL_FILE` is `url_file` of `a`. */
const SUFFIXES = CHECK_KEYS.map((key) => [`_${key.toUpperCase()}`, key] as const).toSorted(
  ([a], [b]) => b.length - a.length,
);

/** The variable that someone meant by a mistyped `RWWWRSE_CHECKS_…`, or undefined. */
export function nearestCheckEnvName(envName: string): string | undefined {
  const prefix = `${CHECKS_VARIABLE}_`;
  if (!envName.startsWith(prefix)) return undefined;
  const words = envName.slice(prefix.length).split('_');
  for (let nameWords = words.length - 1; nameWords > 0; nameWords--) {
    const near = nearestName(words.slice(nameWords).join('_').toLowerCase(), CHECK_KEYS);
    if (near !== undefined) return `${prefix}${words.slice(0, nameWords).join('_')}_${near.toUpperCase()}`;
  }
  return undefined;
}

/** The key that `RWWWRSE_CHECKS_<NAME>_<KEY>` names, or undefined. */
export function checkKeyOfEnvName(envName: string): NamedKey | undefined {
  const prefix = `${CHECKS_VARIABLE}_`;
  if (!envName.startsWith(prefix)) return undefined;
  const [suffix, key] = SUFFIXES.find(([each]) => envName.endsWith(each)) ?? ['', ''];
  const name = suffix === '' ? '' : envName.slice(prefix.length, -suffix.length).toLowerCase();
  return isName(name) ? { key: `checks.${name}.${key}`, rank: 0 } : undefined;
}
