import type { BackendPolicy } from '../../config/resilience-settings.ts';
import type { TrafficSettings } from '../../config/resolved-config.ts';
import type { TargetSettings } from '../../config/route-settings.ts';
import type { NameLookup } from './name-lookup.ts';
import { learnNames, type Places, planTarget } from './plan-targets.ts';
import type { SeriesNames } from './series-names.ts';
import { defaultRoutes } from './default-route.ts';
import { endpointLabels } from '../../dataplane/filters/endpoints/endpoint-paths.ts';
import type { PlannedRoute, TrafficPlan } from '../../dataplane/snapshot/traffic-plan.ts';

/** What the program gives to every plan. */
export interface TrafficPlanning {
  /** Counts up with every plan. */
  readonly version: number;
  readonly names: SeriesNames;
  readonly places: Places;
  readonly workers: number;
  readonly lookup: NameLookup;
  /** Signs sticky cookies where the configuration has no secret. */
  readonly ownStickySecret: string;
}

/** Makes the plan that workers compile: routes with indexes and with backends whose names are resolved. */
export async function planTraffic(traffic: TrafficSettings, planning: TrafficPlanning): Promise<TrafficPlan> {
  const { names, places, lookup } = planning;
  const targets = async (list: readonly TargetSettings[], policy: BackendPolicy) =>
    (await Promise.all(list.map((target) => planTarget(target, { policy, names, places, lookup })))).flat();
  const written = [...traffic.routes, ...defaultRoutes(traffic)];
  await learnNames(
    written.flatMap((route) => route.targets),
    lookup,
  );
  const routes: PlannedRoute[] = [];
  for (const { backends, ...route } of written) {
    const index = names.route(route.match.path.value);
    routes.push({ ...route, index, targets: await targets(route.targets, backends) });
  }
  const { endpoints } = traffic;
  const endpointIndexes = Object.fromEntries(endpointLabels(endpoints).map((path) => [path, names.route(path)]));
  return {
    version: planning.version,
    routes,
    endpoints,
    endpointIndexes,
    pool: poolLimits(traffic, planning.workers),
    metricsAllow: endpoints.metricsAllow,
    stickySecret: traffic.stickySecret ?? planning.ownStickySecret,
    requestId: traffic.requestId,
    retryBudget: traffic.retryBudget,
  };
}

/** A backend's limits hold for the program; every worker gets its share, and at least one connection. */
function poolLimits({ upstream }: TrafficSettings, workers: number): TrafficPlan['pool'] {
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
