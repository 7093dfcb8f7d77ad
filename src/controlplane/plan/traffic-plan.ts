import { randomBytes } from 'node:crypto';
import { formatTarget, parseTarget, targetAuthority, type TargetEndpoint } from '../../base/net/endpoint.ts';
import type { BackendPolicy } from '../../config/resilience-settings.ts';
import type { ResolvedConfig } from '../../config/resolved-config.ts';
import type { TargetSettings } from '../../config/route-settings.ts';
import type { HostLookup } from './host-lookup.ts';
import { defaultRoutes } from './default-route.ts';
import { endpointLabels } from '../../dataplane/filters/endpoints/endpoint-paths.ts';
import type { PlannedRoute, TrafficPlan } from '../../dataplane/snapshot/traffic-plan.ts';
import type { BackendTarget } from '../../dataplane/upstream/registry.ts';
import { ROUTE_FIRST } from '../../telemetry/metrics/families.ts';

/** Gives routes and backends the indexes of their series: the same name keeps its index for the life of the program. */
export class SeriesNames {
  private readonly routes: NameIndexes = new NameIndexes();
  private readonly backends: NameIndexes = new NameIndexes();

  /** Index of a route's series, by its path label. */
  route(pathLabel: string): number {
    return this.routes.indexOf(pathLabel) + ROUTE_FIRST;
  }

  /** Index of a backend's series. */
  backend(name: string): number {
    return this.backends.indexOf(name);
  }

  /** The `path` label of a route index. */
  pathLabel(index: number): string {
    return index < ROUTE_FIRST ? 'unmatched' : (this.routes.nameOf(index - ROUTE_FIRST) ?? 'unknown');
  }

  /** The `backend` label of a backend index. */
  backendLabel(index: number): string {
    return this.backends.nameOf(index) ?? 'unknown';
  }
}

/** Numbers names in the order in which they are first heard. */
class NameIndexes {
  private readonly indexes: Map<string, number> = new Map();
  private readonly names: string[] = [];

  indexOf(name: string): number {
    const known = this.indexes.get(name);
    if (known !== undefined) return known;
    this.indexes.set(name, this.names.length);
    return this.names.push(name) - 1;
  }

  nameOf(index: number): string | undefined {
    return this.names[index];
  }
}

/** Makes the plan that workers compile: routes with indexes and with backends whose names are resolved. */
export async function planTraffic(
  config: ResolvedConfig,
  names: SeriesNames,
  workers: number,
  lookup: HostLookup,
): Promise<TrafficPlan> {
  const { traffic } = config;
  const addresses = new Map<string, Promise<string | null>>();
  const resolve = (endpoint: TargetEndpoint): Promise<string | null> => {
    const known = addresses.get(endpoint.host) ?? lookup(endpoint.host);
    addresses.set(endpoint.host, known);
    return known;
  };
  const targets = (list: readonly TargetSettings[], policy: BackendPolicy) =>
    Promise.all(list.map((target) => planTarget(target, policy, names, resolve)));
  const routes: PlannedRoute[] = [];
  for (const { backends, ...route } of [...traffic.routes, ...defaultRoutes(traffic)]) {
    const index = names.route(route.match.path.value);
    routes.push({ ...route, index, targets: await targets(route.targets, backends) });
  }
  const { endpoints } = traffic;
  const endpointIndexes = Object.fromEntries(endpointLabels(endpoints).map((path) => [path, names.route(path)]));
  return {
    version: 1,
    routes,
    endpoints,
    endpointIndexes,
    pool: poolLimits(config, workers),
    metricsAllow: endpoints.metricsAllow,
    stickySecret: traffic.stickySecret ?? randomBytes(32).toString('base64url'),
    requestId: traffic.requestId,
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
  policy: BackendPolicy,
  names: SeriesNames,
  resolve: (endpoint: TargetEndpoint) => Promise<string | null>,
): Promise<{ backend: BackendTarget; weight: number }> {
  const parsed = parseTarget(target.url);
  if (!('value' in parsed)) throw new Error(`target ${target.url} ${parsed.problem}`);
  const endpoint = parsed.value;
  const name = formatTarget(endpoint);
  const backend: BackendTarget = {
    index: names.backend(name),
    name,
    authority: targetAuthority(endpoint),
    basePath: endpoint.basePath,
    addresses: await addressesOf(endpoint, resolve),
    tlsName: endpoint.scheme === 'https' ? (policy.tls.serverName ?? endpoint.host) : null,
    policy,
  };
  return { backend, weight: target.weight };
}

async function addressesOf(
  endpoint: TargetEndpoint,
  resolve: (endpoint: TargetEndpoint) => Promise<string | null>,
): Promise<BackendTarget['addresses']> {
  if (endpoint.kind === 'unix') return [{ path: endpoint.host }];
  const address = await resolve(endpoint);
  return address === null ? [] : [{ host: address, port: endpoint.port }];
}
