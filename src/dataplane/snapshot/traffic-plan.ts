import type { EndpointSettings, RequestIdSettings } from '../../config/resolved-config.ts';
import type { RouteSettings } from '../../config/route-settings.ts';
import type { BackendTarget } from '../upstream/registry.ts';
import type { PoolLimits } from '../upstream/pool.ts';

/** A target of a route in the plan: a backend and its share. */
export interface PlannedTarget {
  readonly backend: BackendTarget;
  readonly weight: number;
}

/** A route as main hands it to the workers: its settings, with targets resolved and a series given. */
export interface PlannedRoute extends Omit<RouteSettings, 'targets'> {
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
}
