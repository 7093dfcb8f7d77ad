import type { NamedKey } from '../aliases.ts';
import { nearestName } from '../nearest-name.ts';
import type { Origin } from '../origin.ts';
import type { ConfigProblem } from '../problem.ts';
import { parseBoolean } from '../sections/scalar-fields.ts';
import {
  LATER_PROTECTION_KEYS,
  LATER_ROUTE_KEYS,
  POOL_ROUTE_KEYS,
  ROUTE_ALIASES,
  ROUTE_BLOCKS,
  ROUTE_KEYS,
} from '../sections/routes.ts';
import { isName } from '../sections/text-fields.ts';
import { routeKeyOfUrlName } from './route-url-names.ts';

const PREFIX = 'RWWWRSE_ROUTES_';

/** Every key that a route may be written with, aliases, whole blocks and later keys included. */
const WRITTEN_KEYS: readonly string[] = [
  ...ROUTE_KEYS,
  ...ROUTE_BLOCKS,
  ...Object.keys(ROUTE_ALIASES),
  ...LATER_ROUTE_KEYS,
  ...LATER_PROTECTION_KEYS,
];
/** Longest first: `RWWWRSE_ROUTES_API_STRIP_PATH` is `strip_path` of `api`, not `path` of `api_strip`. */
const SUFFIXES = WRITTEN_KEYS.map((key) => [`_${key.toUpperCase().replaceAll('.', '_')}`, key] as const).toSorted(
  ([a], [b]) => b.length - a.length,
);

/**
 * The route keys that `RWWWRSE_ROUTES_<NAME>_<KEY>` can name, the longest key first: a name may end in words that begin a
 * longer key, as in `RWWWRSE_ROUTES_OLD_REDIRECT_HOST`.
 */
function routeKeysOfEnvName(envName: string): NamedKey[] {
  if (!envName.startsWith(PREFIX)) return [];
  return SUFFIXES.filter(([suffix]) => envName.endsWith(suffix)).flatMap(([suffix, key]) => {
    const name = envName.slice(PREFIX.length, -suffix.length).toLowerCase();
    return isName(name) ? [routeKey(name, key)] : [];
  });
}

/** The route key that a variable names when it stands alone, `RWWWRSE_BACKENDS_ROUTES_<HOST>_URL` included, or undefined. */
export function routeKeyOfEnvName(envName: string): NamedKey | undefined {
  return routeKeysOfEnvName(envName)[0] ?? routeKeyOfUrlName(envName);
}

/**
 * Gives every variable of a route its key. Where one can be read in several ways, the longest key counts, unless only a
 * shorter one belongs to a route that a variable with one reading names too: with `RWWWRSE_ROUTES_OLD_REDIRECT_TARGET` set,
 * `RWWWRSE_ROUTES_OLD_REDIRECT_HOST` is the host of `old_redirect`.
 */
export function assignRouteKeys(envNames: readonly string[]): Map<string, NamedKey> {
  const readings = envNames.map((envName) => [envName, routeKeysOfEnvName(envName)] as const);
  const certain = new Set<string>();
  for (const [, keys] of readings) if (keys.length === 1) certain.add(routeNameOf(keys[0] as NamedKey));
  const assigned = new Map<string, NamedKey>();
  for (const [envName, keys] of readings) {
    const key = keys.find((reading) => certain.has(routeNameOf(reading))) ?? routeKeyOfEnvName(envName);
    if (key !== undefined) assigned.set(envName, key);
  }
  return assigned;
}

function routeNameOf({ key }: NamedKey): string {
  return key.split('.')[1] as string;
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
  const known = ROUTE_KEYS.map((key) => key.replaceAll('.', '_'));
  for (let nameWords = words.length - 1; nameWords > 0; nameWords--) {
    const written = words.slice(nameWords).join('_').toLowerCase();
    const near = nearestName(written, known);
    if (near !== undefined) return `${PREFIX}${words.slice(0, nameWords).join('_')}_${near.toUpperCase()}`;
  }
  return undefined;
}

/**
 * What to tell about a route key of a later version, or null when the key is one of this version. A key that would
 * keep people out is refused unless it is off: serving such a route open is worse than not starting.
 */
export function laterRouteKeyProblem(key: string, value: unknown, originOf: () => Origin): ConfigProblem | null {
  const [top, , written = ''] = key.split('.', 3);
  if (top !== 'routes') return null;
  if (!LATER_ROUTE_KEYS.has(written) && !LATER_PROTECTION_KEYS.has(written)) return null;
  const ofAll = POOL_ROUTE_KEYS[written];
  const message =
    ofAll === undefined ? 'is not effective in this version' : `is no key of a route: ${ofAll} holds for all`;
  const problem = { key, origin: originOf().text, message };
  if (LATER_ROUTE_KEYS.has(written) && !protects(value)) return { ...problem, severity: 'warning' };
  if (parseBoolean(value) === false) return { ...problem, severity: 'warning' };
  const refusal = 'is not supported in this version, and the route is not served without it: take the route out';
  return { ...problem, severity: 'error', message: refusal };
}

/** Whether a block of a later version, such as `middleware`, has a part that keeps people out and is not off. */
function protects(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, part]) => {
    const isOff = part === null || parseBoolean(part) === false;
    return (!isOff && /auth|jwt|allow|deny|internal_only/.test(name)) || protects(part);
  });
}
