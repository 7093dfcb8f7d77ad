import type { NamedKey } from '../aliases.ts';
import { nearestName } from '../nearest-name.ts';
import type { Origin } from '../origin.ts';
import type { ConfigProblem } from '../problem.ts';
import { parseBoolean } from '../sections/scalar-fields.ts';
import { LATER_PROTECTION_KEYS, LATER_ROUTE_KEYS, ROUTE_ALIASES, routeShape } from '../sections/routes.ts';
import { isName } from '../sections/text-fields.ts';

const PREFIX = 'RWWWRSE_ROUTES_';

/** Every key that a route may be written with, aliases and later keys included. */
const WRITTEN_KEYS: readonly string[] = [
  ...Object.keys(routeShape),
  ...Object.keys(ROUTE_ALIASES),
  ...LATER_ROUTE_KEYS,
  ...LATER_PROTECTION_KEYS,
];
/** Longest first: `RWWWRSE_ROUTES_API_STRIP_PATH` is `strip_path` of `api`, not `path` of `api_strip`. */
const SUFFIXES = WRITTEN_KEYS.toSorted((a, b) => b.length - a.length).map(
  (key) => [`_${key.toUpperCase()}`, key] as const,
);

/** The route key that `RWWWRSE_ROUTES_<NAME>_<KEY>` names, or undefined. */
export function routeKeyOfEnvName(envName: string): NamedKey | undefined {
  if (!envName.startsWith(PREFIX)) return undefined;
  for (const [suffix, key] of SUFFIXES) {
    if (!envName.endsWith(suffix)) continue;
    const name = envName.slice(PREFIX.length, -suffix.length).toLowerCase();
    if (isName(name)) return routeKey(name, key);
  }
  return undefined;
}

/** The key of a route's setting with aliases replaced. */
export function routeKey(routeName: string, written: string): NamedKey {
  const own = Object.hasOwn(ROUTE_ALIASES, written) ? ROUTE_ALIASES[written] : undefined;
  return { key: `routes.${routeName}.${own ?? written}`, rank: own === undefined ? 0 : 1 };
}

/** The variable that someone meant by a mistyped `RWWWRSE_ROUTES_…`, or undefined. */
export function nearestRouteEnvName(envName: string): string | undefined {
  if (!envName.startsWith(PREFIX)) return undefined;
  const words = envName.slice(PREFIX.length).split('_');
  for (let nameWords = words.length - 1; nameWords > 0; nameWords--) {
    const written = words.slice(nameWords).join('_').toLowerCase();
    const near = nearestName(written, Object.keys(routeShape));
    if (near !== undefined) return `${PREFIX}${words.slice(0, nameWords).join('_')}_${near.toUpperCase()}`;
  }
  return undefined;
}

/**
 * What to tell about a route key of a later version, or null when the key is one of this version. A key that would
 * keep people out is refused unless it is off: serving such a route open is worse than not starting.
 */
export function laterRouteKeyProblem(key: string, value: unknown, origin: Origin): ConfigProblem | null {
  const last = key.startsWith('routes.') ? key.slice(key.lastIndexOf('.') + 1) : '';
  const problem = { key, origin: origin.text, message: 'is not effective in this version' };
  if (LATER_ROUTE_KEYS.has(last)) return { ...problem, severity: 'warning' };
  if (!LATER_PROTECTION_KEYS.has(last)) return null;
  if (parseBoolean(value) === false) return { ...problem, severity: 'warning' };
  const message = 'is not supported in this version, and the route is not served without it: take the route out';
  return { ...problem, severity: 'error', message };
}
