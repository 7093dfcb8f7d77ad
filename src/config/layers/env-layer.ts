import { ENV_PREFIX, envNameOf, keyOfEnvName, knownEnvNames } from '../aliases.ts';
import type { NamedKey } from '../aliases.ts';
import { isIgnoredName, isLaterName, isLaterRouteTable, isServiceLinkAddress } from '../ignored-names.ts';
import { nearestName } from '../nearest-name.ts';
import type { Origin } from '../origin.ts';
import { quoteValue } from '../problem.ts';
import type { ConfigProblem } from '../problem.ts';
import type { Layer, LayerEntry } from './layer.ts';
import { laterRouteKeyProblem, nearestRouteEnvName, routeKeyOfEnvName } from './route-names.ts';

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
  for (const variable of variables) {
    if (variable.value.trim() === '') continue;
    const named = keyOfEnvName(variable.name) ?? routeKeyOfEnvName(variable.name);
    if (named !== undefined) addValue(variable, named, entries, problems);
    else if (variable.name.startsWith('REVERSE_')) legacy.push(variable.name);
    else if (variable.name.startsWith(ENV_PREFIX)) addUnnamed(variable, later, problems);
  }
  if (later.length > 0) problems.push(tellNames(later, place, 'not effective in this version'));
  if (legacy.length > 0) problems.push(tellNames(legacy, place, LEGACY));
  return { entries, problems };
}

const LEGACY = `names of version 1, which are ignored; variables begin with ${ENV_PREFIX} now`;

function tellNames(names: readonly string[], place: string, message: string): ConfigProblem {
  return { severity: 'warning', key: names.join(', '), origin: place, message };
}

function addValue(variable: EnvVariable, named: NamedKey, entries: LayerEntry[], problems: ConfigProblem[]): void {
  const { name, value, origin } = variable;
  const isPort = named.key === 'port' || named.key.endsWith('.port');
  if (isPort && isServiceLinkAddress(value)) {
    const message = `${quoteValue(value)} is a Kubernetes service link and is ignored; enableServiceLinks: false avoids it`;
    problems.push({ severity: 'notice', key: named.key, origin: origin.text, message });
    return;
  }
  const refused = laterRouteKeyProblem(named.key, value, origin);
  if (refused !== null) problems.push(refused);
  else entries.push({ ...named, value: named.key === 'listeners' ? parseJson(value) : value, origin, spelling: name });
}

/** Text that is no JSON stays text, which the schema refuses in words. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function addUnnamed({ name, value, origin }: EnvVariable, later: string[], problems: ConfigProblem[]): void {
  const rest = name.slice(ENV_PREFIX.length);
  if (isIgnoredName(rest, value)) return;
  if (isLaterRouteTable(rest)) {
    const message =
      'holds routes in a form that this version does not read: write each as RWWWRSE_ROUTES_<NAME>_HOST and _TARGET';
    problems.push({ severity: 'error', key: name, origin: origin.text, message });
  } else if (isLaterName(rest)) {
    later.push(name);
  } else {
    const didYouMean = nearestRouteEnvName(name) ?? nearestEnvName(rest);
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
