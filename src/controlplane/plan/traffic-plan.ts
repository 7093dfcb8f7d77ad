import { isIP } from 'node:net';
import { formatTarget, parseTarget, type TargetEndpoint } from '../../base/net/endpoint.ts';
import type { ResolvedConfig, TargetSettings } from '../../config/resolved-config.ts';
import type { PlannedRoute, TrafficPlan } from '../../dataplane/snapshot/traffic-plan.ts';
import type { BackendTarget } from '../../dataplane/upstream/registry.ts';
import { ROUTE_FIRST } from '../../telemetry/metrics/families.ts';

/** Name of the route made of the default backend. */
const DEFAULT_ROUTE = 'default';

/** Gives routes and backends the indexes of their series: the same name keeps its index for the life of the program. */
export class SeriesNames {
  private readonly routes: string[] = [];
  private readonly backends: string[] = [];

  /** Index of a route's series, by its path label. */
  route(pathLabel: string): number {
    return indexIn(this.routes, pathLabel) + ROUTE_FIRST;
  }

  /** Index of a backend's series. */
  backend(name: string): number {
    return indexIn(this.backends, name);
  }

  /** The `path` label of a route index. */
  pathLabel(index: number): string {
    return index < ROUTE_FIRST ? 'unmatched' : (this.routes[index - ROUTE_FIRST] ?? 'unknown');
  }

  /** The `backend` label of a backend index. */
  backendLabel(index: number): string {
    return this.backends[index] ?? 'unknown';
  }
}

function indexIn(names: string[], name: string): number {
  const found = names.indexOf(name);
  return found >= 0 ? found : names.push(name) - 1;
}

/** Told about a backend whose name has no address. */
export type UnresolvedSink = (name: string, code: string) => void;

/** Makes the plan that workers compile: routes with indexes and with backends whose names are resolved. */
export async function planTraffic(
  config: ResolvedConfig,
  names: SeriesNames,
  workers: number,
  onUnresolved: UnresolvedSink,
): Promise<TrafficPlan> {
  const { traffic } = config;
  const addresses = new Map<string, Promise<string | null>>();
  const resolve = (endpoint: TargetEndpoint): Promise<string | null> => {
    const known = addresses.get(endpoint.host) ?? addressOf(endpoint.host, onUnresolved);
    addresses.set(endpoint.host, known);
    return known;
  };
  const targets = (list: readonly TargetSettings[]) =>
    Promise.all(list.map((target) => planTarget(target, names, resolve)));
  const routes: PlannedRoute[] = [];
  for (const route of traffic.routes) {
    const { name, host, pathPrefix, stripPath, preserveHost } = route;
    const planned = { index: names.route(pathPrefix), name, host, pathPrefix, stripPath, preserveHost };
    routes.push({ ...planned, responseTimeoutMs: route.timeoutMs, targets: await targets(route.targets) });
  }
  if (traffic.defaultBackend.length > 0) {
    routes.push({
      index: names.route('/'),
      name: DEFAULT_ROUTE,
      host: '*',
      pathPrefix: '/',
      stripPath: false,
      preserveHost: traffic.upstream.preserveHost,
      responseTimeoutMs: traffic.upstream.responseTimeoutMs,
      targets: await targets(traffic.defaultBackend),
    });
  }
  const { endpoints } = traffic;
  const paths = [endpoints.healthPath, endpoints.readinessPath, endpoints.livenessPath, endpoints.metricsPath];
  const endpointIndexes = Object.fromEntries(paths.map((path) => [path, names.route(path)]));
  return {
    version: 1,
    routes,
    endpoints,
    endpointIndexes,
    pool: poolLimits(config, workers),
    metricsAllow: endpoints.metricsAllow,
  };
}

/** A backend's limits hold for the program; every worker gets its share, and at least one connection. */
function poolLimits(config: ResolvedConfig, workers: number): TrafficPlan['pool'] {
  const { upstream } = config.traffic;
  const share = (total: number): number => (total === 0 ? 0 : Math.max(1, Math.ceil(total / workers)));
  return {
    maxIdle: share(upstream.maxIdlePerBackend),
    maxIdleInAll: share(upstream.maxIdleConnections),
    maxConnections: share(upstream.maxPerBackend),
    idleTimeoutMs: upstream.idleTimeoutMs,
    connectTimeoutMs: upstream.connectTimeoutMs,
    queueTimeoutMs: upstream.queueTimeoutMs,
    bodyIdleTimeoutMs: upstream.bodyIdleTimeoutMs,
  };
}

async function planTarget(
  target: TargetSettings,
  names: SeriesNames,
  resolve: (endpoint: TargetEndpoint) => Promise<string | null>,
): Promise<{ backend: BackendTarget; weight: number }> {
  const parsed = parseTarget(target.url);
  if (!('value' in parsed)) throw new Error(`target ${target.url} ${parsed.problem}`);
  const endpoint = parsed.value;
  const name = formatTarget(endpoint);
  const address = await resolve(endpoint);
  const authority = formatTarget({ ...endpoint, basePath: '' }).slice('http://'.length);
  const backend: BackendTarget = {
    index: names.backend(name),
    name,
    authority,
    basePath: endpoint.basePath,
    address: address === null ? null : { host: address, port: endpoint.port },
  };
  return { backend, weight: target.weight };
}

async function addressOf(host: string, onUnresolved: UnresolvedSink): Promise<string | null> {
  if (isIP(host) !== 0) return host;
  try {
    const { lookup } = await import('node:dns/promises');
    return (await lookup(host, { order: 'ipv4first' })).address;
  } catch (error) {
    onUnresolved(host, (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN');
    return null;
  }
}
