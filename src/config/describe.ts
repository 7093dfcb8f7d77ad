import { formatDuration } from '../base/time/duration.ts';
import type { LoadedConfig } from './load.ts';
import { isReloadable } from './reloadability.ts';
import type { RouteSettings } from './route-settings.ts';

/** One value of the effective configuration. */
export interface EffectiveValue {
  /** `log.level`, `routes.api.redirect.status`. */
  readonly key: string;
  /** For people, on one line unless the value has line breaks of its own; secrets are `***`; empty = not set. */
  readonly value: string;
  /** `RWWWRSE_LOG_LEVEL`, `config.yaml:3:5`, `--port`, `default`. */
  readonly origin: string;
  /** Nobody wrote it. */
  readonly isDefault: boolean;
  /** false: only a restart changes it. */
  readonly reloadable: boolean;
}

/**
 * The effective configuration as a flat list: first all keys of the file in the order of the schema, then what is written of checks,
 * then the routes by name, each with what was written and with what it takes from the defaults. Promises: no secret appears; the same configuration gives
 * the same list; nothing but the loaded configuration is read.
 */
export function describeConfig(loaded: LoadedConfig): EffectiveValue[] {
  const described: EffectiveValue[] = [];
  const ofRoutes = new Map<string, EffectiveValue[]>();
  for (const [key, value] of loaded.values) {
    const [top, name = ''] = key.split('.');
    const entry = describe(key, value, loaded);
    if (top !== 'routes') described.push(entry);
    else ofRoutes.set(name, [...(ofRoutes.get(name) ?? []), entry]);
  }
  for (const route of loaded.config.traffic.routes) {
    const written = ofRoutes.get(route.name) ?? [];
    const keys = new Set(written.map(({ key }) => key));
    const inherited = inheritedValues(route).filter(({ key }) => !keys.has(key));
    described.push(...[...written, ...inherited].toSorted((a, b) => (a.key < b.key ? -1 : 1)));
  }
  return described;
}

function describe(key: string, value: string, { origins }: LoadedConfig): EffectiveValue {
  const origin = origins.get(key);
  const isDefault = origin === undefined || origin.layer === 'default';
  return { key, value, origin: origin?.text ?? 'default', isDefault, reloadable: isReloadable(key) };
}

/** What a route has without saying it: its own defaults, and those of the whole file. */
function inheritedValues({ name, match, redirect, balancing, backends, ...route }: RouteSettings): EffectiveValue[] {
  const path: Record<string, string> = match.path.kind === 'prefix' ? { path: match.path.value } : {};
  const proxied: Record<string, string> = {
    timeout: formatDuration(route.timeoutMs),
    strip_path: String(route.stripPath),
    preserve_host: String(route.preserveHost),
    'load_balancer.strategy': balancing.strategy,
    'health_check.enabled': String(backends.healthCheck !== null),
    ...(backends.healthCheck === null ? {} : { 'health_check.path': backends.healthCheck.path }),
    'passive_health.enabled': String(backends.passiveHealth !== null),
    'circuit_breaker.enabled': String(backends.breaker !== null),
    'retry.max_attempts': String(route.retry.attempts),
    slow_start: formatDuration(backends.slowStartMs),
    tunnel_idle_timeout: formatDuration(route.tunnelIdleMs),
    websocket: String(route.upgrades),
  };
  const values: Readonly<Record<string, string>> = {
    host: match.host,
    ...path,
    priority: String(match.priority),
    request_timeout: formatDuration(route.requestTimeoutMs),
    ambiguous_path: route.ambiguousPath,
    access_log: String(route.accessLog),
    ...(redirect === null ? proxied : {}),
  };
  return Object.entries(values).map(([key, value]) => ({
    key: `routes.${name}.${key}`,
    value,
    origin: 'default',
    isDefault: true,
    reloadable: true,
  }));
}
