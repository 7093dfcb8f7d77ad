import { ENV_PREFIX, envNameOf, keyOfEnvName, knownEnvNames } from '../aliases.ts';
import type { NamedKey } from '../aliases.ts';
import { isIgnoredName, isLaterName, isPlatformName, isServiceLinkAddress } from '../ignored-names.ts';
import { nearestName } from '../nearest-name.ts';
import type { Origin } from '../origin.ts';
import { quoteValue } from '../problem.ts';
import type { ConfigProblem } from '../problem.ts';
import { addFound } from './layer.ts';
import type { Layer, LayerEntry } from './layer.ts';
import { CONFIG_KEYS, LIST_KEYS } from '../schema.ts';
import { hasShorthand, shorthandOf } from '../sections/block-shorthands.ts';
import { dependencyKindOf } from '../sections/dependency-url-field.ts';
import { parseMap } from '../sections/map-field.ts';
import { ROUTE_BLOCKS } from '../sections/routes.ts';
import { CHECKS_VARIABLE, checkKeyOfEnvName, nearestCheckEnvName } from './check-names.ts';
import { checkEntries } from './checks.ts';
import { assignRouteKeys, laterRouteKeyProblem, nearestRouteEnvName } from './route-names.ts';
import { hostGuesses } from './route-url-names.ts';

/** One variable with its origin; the environment and env-files are read alike. */
export interface EnvVariable {
  readonly name: string;
  readonly value: string;
  readonly origin: Origin;
}

/** Layer of the process environment. */
export function envLayer(env: Readonly<Record<string, string | undefined>>): Layer {
  const names = Object.keys(env).toSorted();
  const variables = names.map((name) => ({
    name,
    value: env[name] ?? '',
    origin: { layer: 'env', text: name } as const,
  }));
  return layerOfVariables(variables, 'environment');
}

/**
 * Sorts variables into values, things to tell and things to ignore. An empty variable counts as not set, since
 * Compose and shells write `NAME=` for "nothing".
 *
 * @param place what the variables are in, for messages about several of them
 */
export function layerOfVariables(variables: readonly EnvVariable[], place: string): Layer {
  const entries: LayerEntry[] = [];
  const problems: ConfigProblem[] = [];
  const later: string[] = [];
  const legacy: string[] = [];
  const written = variables.filter(({ value }) => value.trim() !== '');
  const routeKeys = assignRouteKeys(written.map(({ name }) => name));
  for (const variable of written) {
    const { name } = variable;
    const named = keyOfEnvName(name) ?? (isPlatformName(name) ? undefined : namedAmong(name, routeKeys));
    const block = name.startsWith(ENV_PREFIX) ? name.slice(ENV_PREFIX.length).toLowerCase() : '';
    if (name === CHECKS_VARIABLE) addChecks(variable, entries, problems);
    else if (hasShorthand(block)) addBlock(variable, { key: block, rank: 1 }, entries, problems);
    else if (named !== undefined) addValue(variable, named, entries, problems);
    else if (variable.name.startsWith('REVERSE_')) legacy.push(variable.name);
    else if (variable.name.startsWith(ENV_PREFIX)) addUnnamed(variable, later, problems);
  }
  const guesses = hostGuesses(entries);
  addFound({ entries, problems }, guesses);
  if (later.length > 0) problems.push(tellNames(later, place, 'not effective in this version'));
  if (legacy.length > 0) problems.push(tellNames(legacy, place, LEGACY));
  return { entries, problems };
}

/** Keys of routes and checks, whose names are free. */
function namedAmong(name: string, routeKeys: ReadonlyMap<string, NamedKey>): NamedKey | undefined {
  return routeKeys.get(name) ?? checkKeyOfEnvName(name);
}

/** All checks as one JSON object; a variable for one key of a check counts before. */
function addChecks({ name, value, origin }: EnvVariable, entries: LayerEntry[], problems: ConfigProblem[]): void {
  const map = parseMap(value.trim());
  if ('refusals' in map) {
    const message = 'is not a valid JSON object';
    problems.push({
      severity: 'error',
      key: 'checks',
      origin: origin.text,
      message,
      allowed: 'a JSON object of checks',
    });
    return;
  }
  const found = checkEntries(map.value, { spelling: name, rank: 1, originAt: () => origin });
  addFound({ entries, problems }, found);
}

const LEGACY = `names of version 1, which are ignored; variables begin with ${ENV_PREFIX} now`;

function tellNames(names: readonly string[], place: string, message: string): ConfigProblem {
  return { severity: 'warning', key: names.join(', '), origin: place, message };
}

function addValue(variable: EnvVariable, named: NamedKey, entries: LayerEntry[], problems: ConfigProblem[]): void {
  const { name, value, origin } = variable;
  const isPort = CONFIG_KEYS.has(named.key) && /(?:^|\.)port$/.test(named.key);
  if (isPort && isServiceLinkAddress(value)) {
    const message = `${quoteValue(value)} is a Kubernetes service link and is ignored; enableServiceLinks: false avoids it`;
    problems.push({ severity: 'notice', key: named.key, origin: origin.text, message });
    return;
  }
  const foreign = foreignUrlProblem(variable, named);
  if (foreign !== null) {
    problems.push(foreign);
    return;
  }
  const refused = laterRouteKeyProblem(named.key, value, () => origin);
  if (refused !== null) problems.push(refused);
  else if (isRouteBlock(named.key)) addBlock(variable, named, entries, problems);
  else if (LIST_KEYS.has(named.key)) addList(variable, named, entries, problems);
  else entries.push({ ...named, value, origin, spelling: name });
}

/**
 * `DATABASE_URL` and `REDIS_URL` are names of many programs: what they hold for another kind of database is no mistake, and must
 * not keep the proxy from starting.
 */
function foreignUrlProblem({ name, value, origin }: EnvVariable, { key }: NamedKey): ConfigProblem | null {
  if (name.startsWith(ENV_PREFIX)) return null;
  const kind = key === 'database_url' ? 'postgres' : key === 'redis_url' ? 'redis' : null;
  if (kind === null || dependencyKindOf(value.trim()) === kind) return null;
  const message = `is no URL of ${kind === 'postgres' ? 'PostgreSQL' : 'Redis'} and is not checked`;
  return { severity: 'warning', key, origin: origin.text, message };
}

/** Whether a key is a whole block of a route, such as `routes.api.redirect`. */
function isRouteBlock(key: string): boolean {
  const [top, , block = '', inner] = key.split('.');
  return top === 'routes' && inner === undefined && ROUTE_BLOCKS.has(block);
}

/** A whole block as a JSON object; a variable for one key of it counts before. */
function addBlock(variable: EnvVariable, named: NamedKey, entries: LayerEntry[], problems: ConfigProblem[]): void {
  const { name, value, origin } = variable;
  const short = shorthandOf(named.key.split('.').at(-1) as string, value);
  const map = short === null ? parseMap(value.trim()) : { value: short };
  if ('refusals' in map) {
    for (const { message, allowed } of map.refusals)
      problems.push({ severity: 'error', key: named.key, origin: origin.text, message, allowed });
    return;
  }
  for (const [inner, part] of Object.entries(map.value))
    if (part !== null) entries.push({ key: `${named.key}.${inner}`, rank: 1, value: part, origin, spelling: name });
}

/** A list of maps is one JSON array. Text that is none is not quoted, as it may hold secrets. */
function addList(variable: EnvVariable, named: NamedKey, entries: LayerEntry[], problems: ConfigProblem[]): void {
  const { name, value, origin } = variable;
  try {
    entries.push({ ...named, value: JSON.parse(value) as unknown, origin, spelling: name });
  } catch {
    const message = 'is not valid JSON';
    problems.push({ severity: 'error', key: named.key, origin: origin.text, message, allowed: 'a JSON array of maps' });
  }
}

function addUnnamed({ name, value, origin }: EnvVariable, later: string[], problems: ConfigProblem[]): void {
  const rest = name.slice(ENV_PREFIX.length);
  if (isIgnoredName(rest, value)) return;
  if (isLaterName(rest)) {
    later.push(name);
  } else {
    const didYouMean = nearestRouteEnvName(name) ?? nearestCheckEnvName(name) ?? nearestEnvName(rest);
    problems.push({
      severity: 'warning',
      key: name,
      origin: origin.text,
      message: 'is not known and is ignored',
      didYouMean,
    });
  }
}

/** Compares without the prefix, which is the same in all names and would make every name look near. */
function nearestEnvName(rest: string): string | undefined {
  const candidates = [...knownEnvNames()].filter((name) => name.startsWith(ENV_PREFIX));
  const near = nearestName(
    rest,
    candidates.map((name) => name.slice(ENV_PREFIX.length)),
  );
  const named = near === undefined ? undefined : keyOfEnvName(ENV_PREFIX + near);
  return named === undefined ? undefined : envNameOf(named.key);
}
