import type { EndpointSettings } from '../../config/resolved-config.ts';
import type { BackendTarget } from '../upstream/registry.ts';
import type { PoolLimits } from '../upstream/pool.ts';

/** A target of a route in the plan: a backend and its share. */
export interface PlannedTarget {
  readonly backend: BackendTarget;
  readonly weight: number;
}

/** A route as main hands it to the workers. */
export interface PlannedRoute {
  /** Index of the route's series, the same for all workers and for the life of the program. */
  readonly index: number;
  readonly name: string;
  readonly host: string;
  readonly pathPrefix: string;
  readonly stripPath: boolean;
  readonly preserveHost: boolean;
  readonly responseTimeoutMs: number;
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
}
