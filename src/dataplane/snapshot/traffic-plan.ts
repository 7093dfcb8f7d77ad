import type { EndpointSettings, RequestIdSettings } from '../../config/resolved-config.ts';
import type { RetryBudgetSettings } from '../../config/resilience-settings.ts';
import type { RouteSettings } from '../../config/route-settings.ts';
import type { BackendTarget } from '../upstream/registry.ts';
import type { PoolLimits } from '../upstream/pool.ts';

/** A target of a route in the plan: a backend and its share. */
export interface PlannedTarget {
  readonly backend: BackendTarget;
  readonly weight: number;
}

/** A route as main hands it to the workers: its settings, with targets resolved and a series given. */
export interface PlannedRoute extends Omit<RouteSettings, 'targets' | 'backends'> {
  /** Index of the route's series, the same for all workers and for the life of the program. */
  readonly index: number;
  readonly targets: readonly PlannedTarget[];
}

/** The traffic configuration as plain values, with names resolved and indexes given: what a worker compiles a snapshot from. */
export interface TrafficPlan {
  /** Counts up with every reload. */
  readonly version: number;
  readonly routes: readonly PlannedRoute[];
  readonly endpoints: EndpointSettings;
  /** Index of the series of each endpoint's path. */
  readonly endpointIndexes: Readonly<Record<string, number>>;
  readonly pool: PoolLimits;
  /** CIDRs per listener name are static; these hold for the endpoints. */
  readonly metricsAllow: readonly string[];
  /** Key of the signature of sticky cookies, the same in all workers. */
  readonly stickySecret: string;
  readonly requestId: RequestIdSettings;
  readonly retryBudget: RetryBudgetSettings;
}

/** A plan without its routes, which go to the workers in slices. */
export interface PlanHead extends Omit<TrafficPlan, 'routes'> {
  /** Every backend of the routes, once. */
  readonly backends: readonly BackendTarget[];
  /** How many routes there are. */
  readonly routeCount: number;
}

/** A route as text, its backends by index: what main keeps to see which routes a reload changes, and what it sends. */
export function routeText(route: PlannedRoute): string {
  const targets = route.targets.map(({ backend, weight }) => ({ backend: backend.index, weight }));
  return JSON.stringify({ ...route, targets });
}

/** The route of a text; all routes share the objects of `backends`. */
export function routeOfText(text: string, backends: ReadonlyMap<number, BackendTarget>): PlannedRoute {
  const route = JSON.parse(text) as Omit<PlannedRoute, 'targets'> & {
    targets: readonly { backend: number; weight: number }[];
  };
  const targets = route.targets.map(({ backend, weight }) => {
    const target = backends.get(backend);
    if (target === undefined) throw new Error(`route ${route.name} names backend ${backend}, which the plan lacks`);
    return { backend: target, weight };
  });
  return { ...route, targets };
}
