import type { UpstreamGroup } from './upstream.ts';

/** Metric slots of a route, resolved when the route is compiled or first used; never by name on the hot path. */
export interface RouteSeries {
  /** Counts a finished exchange. */
  record(methodIndex: number, status: number, seconds: number): void;
}

/** A route ready to run. An exchange pins it; it holds no reference to its snapshot (DESIGN.md 4). */
export interface MatchedRoute {
  readonly name: string;
  /** Value of the `path` label: the route's path template. */
  readonly pathLabel: string;
  readonly host: string;
  readonly pathPrefix: string;
  /** Characters of the target to take off before the backend's base path is joined; 0 = none. */
  readonly stripLength: number;
  readonly preserveHost: boolean;
  readonly responseTimeoutMs: number;
  /** Lower-case names of request trailers that reach the backend; all others are dropped (PEERS 3, row 25). */
  readonly requestTrailers: ReadonlySet<string>;
  readonly group: UpstreamGroup;
  readonly series: RouteSeries;
}
