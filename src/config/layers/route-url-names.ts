import type { NamedKey } from '../aliases.ts';
import type { ConfigProblem } from '../problem.ts';
import { isName } from '../sections/text-fields.ts';
import type { LayerEntry } from './layer.ts';

const URL_NAME = /^RWWWRSE_BACKENDS_ROUTES_([A-Z0-9_]+)_URL$/;

/** The target of a route that `RWWWRSE_BACKENDS_ROUTES_<HOST>_URL` names (SPEC A.4), or undefined. */
export function routeKeyOfUrlName(envName: string): NamedKey | undefined {
  const name = URL_NAME.exec(envName)?.[1]?.toLowerCase() ?? '';
  return isName(name) ? { key: `routes.${name}.target`, rank: 1 } : undefined;
}

/**
 * Hosts of routes that only `RWWWRSE_BACKENDS_ROUTES_<HOST>_URL` names. No variable can carry the dots of a host, so that its
 * underscores are taken for them (`API_EXAMPLE_COM` is `api.example.com`), which is a guess that is told.
 */
export function hostGuesses(entries: readonly LayerEntry[]): { entries: LayerEntry[]; problems: ConfigProblem[] } {
  const written = new Set(entries.map(({ key }) => key));
  const guesses: LayerEntry[] = [];
  const problems: ConfigProblem[] = [];
  for (const { key, origin, spelling } of entries) {
    if (!URL_NAME.test(spelling)) continue;
    const name = key.split('.')[1] as string;
    const hostKey = `routes.${name}.host`;
    if (written.has(hostKey)) continue;
    const host = name.replaceAll('_', '.');
    const message = `the host of ${spelling} is taken to be ${host}; RWWWRSE_ROUTES_${name.toUpperCase()}_HOST says it for sure`;
    problems.push({ severity: 'warning', key: hostKey, origin: origin.text, message });
    guesses.push({ key: hostKey, value: host, origin, rank: 2, spelling });
  }
  return { entries: guesses, problems };
}
