import type { LoadedConfig } from './load.ts';
import { isReloadable } from './reloadability.ts';
import type { RouteSettings } from './route-settings.ts';

/** One difference between two configurations. */
export interface ConfigChange {
  /** The key, or `routes.api` for a whole route. */
  readonly key: string;
  /** In words: `8080 → 8081`, `added`, `removed`, `changed (its value is not shown)`. */
  readonly change: string;
  /** What it takes to come into effect. */
  readonly needs: 'reload' | 'restart';
}

/**
 * What going from one loaded configuration to another changes, by key. Only effective values count: the same value from another
 * place, in another spelling or as a default is no change. Promises: no secret appears, and a change of a secret or of a file's
 * content is told without it; an empty list means that the program would behave the same.
 */
export function diffConfigs(before: LoadedConfig, after: LoadedConfig): ConfigChange[] {
  const changes: ConfigChange[] = [];
  for (const key of keysOf(before, after)) {
    const [from = '', to = ''] = [before.values.get(key), after.values.get(key)];
    if (from !== to) changes.push(changeOf(key, `${from || 'not set'} → ${to || 'not set'}`));
    else if (before.digests.get(key) !== after.digests.get(key)) changes.push(changeOf(key, HIDDEN));
  }
  const all = [...changes, ...routeChanges(before, after)];
  return all.length > 0 || trafficText(before) === trafficText(after) ? all : [CONTENT];
}

/** Whether one of the changes takes a restart. */
export function needsRestart(changes: readonly ConfigChange[]): boolean {
  return changes.some(({ needs }) => needs === 'restart');
}

const HIDDEN = 'changed (its value is not shown)';

/** Of a file that a key names, such as that of a certificate: the key's own value is the same. */
const CONTENT: ConfigChange = { key: 'files', change: 'the content of a named file changed', needs: 'reload' };

/** All that a reload could change; where something is written changes nothing. */
function trafficText({ config: { traffic } }: LoadedConfig): string {
  return JSON.stringify({ ...traffic, tests: traffic.tests.map((test) => ({ ...test, origin: '' })) });
}

function changeOf(key: string, change: string): ConfigChange {
  return { key, change, needs: isReloadable(key) ? 'reload' : 'restart' };
}

/** Keys of the file; those of routes are compared route by route. Where the file itself lies changes nothing. */
function keysOf(before: LoadedConfig, after: LoadedConfig): string[] {
  const keys = new Set([...before.values.keys(), ...after.values.keys()]);
  return [...keys].filter((key) => !key.startsWith('routes.') && key !== 'config_file');
}

function routeChanges(before: LoadedConfig, after: LoadedConfig): ConfigChange[] {
  const [old, own] = [before, after].map(
    ({ config }) => new Map(config.traffic.routes.map((route) => [route.name, route])),
  );
  const names = new Set([...(old?.keys() ?? []), ...(own?.keys() ?? [])]);
  const written = writtenKeys(before, after);
  return [...names].toSorted().flatMap((name) => {
    const [from, to] = [old?.get(name), own?.get(name)];
    if (from === undefined || to === undefined)
      return changeOf(`routes.${name}`, from === undefined ? added(to) : 'removed');
    if (JSON.stringify(from) === JSON.stringify(to)) return [];
    const changes = (written.get(name) ?? []).flatMap((key) => {
      const [text = '', next = ''] = [before.values.get(key), after.values.get(key)];
      if (text !== next) return changeOf(key, `${text || 'not set'} → ${next || 'not set'}`);
      return before.digests.get(key) === after.digests.get(key) ? [] : changeOf(key, HIDDEN);
    });
    if (changes.length > 0 || !hasHiddenChange(from, to)) return changes;
    return changeOf(`routes.${name}`, HIDDEN);
  });
}

/** Written keys of routes by the route's name, so that a diff of many routes is not quadratic. */
function writtenKeys(before: LoadedConfig, after: LoadedConfig): Map<string, string[]> {
  const keys = new Set([...before.values.keys(), ...after.values.keys()]);
  const ofRoutes = [...keys].filter((key) => key.startsWith('routes.'));
  return Map.groupBy(ofRoutes, (key) => key.split('.')[1] as string);
}

function added(route: RouteSettings | undefined): string {
  const { host, path } = route?.match ?? { host: '', path: { value: '' } };
  return `added (${host} ${path.value})`;
}

/**
 * Whether a masked value or the content of a file made the difference; otherwise it is a default of the whole file, which is told
 * by its own key.
 */
function hasHiddenChange(from: RouteSettings, to: RouteSettings): boolean {
  const parts = ['errorPages', 'requestHeaders', 'responseHeaders', 'match'] as const;
  return parts.some((part) => JSON.stringify(from[part]) !== JSON.stringify(to[part]));
}
