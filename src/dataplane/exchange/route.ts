import type { CompiledPathChange } from '../../base/http/path-change.ts';
import type { ErrorPage } from '../../config/route-settings.ts';
import type { RetryPolicy } from './retry.ts';
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
  /** Null = the path goes on as it is. */
  readonly pathChange: CompiledPathChange | null;
  /** Host field for the backend, or null = by `preserveHost`. */
  readonly hostOverride: string | null;
  readonly preserveHost: boolean;
  /** Whether a path with two readings is forwarded, when both lead here. */
  readonly passesAmbiguousPath: boolean;
  readonly responseTimeoutMs: number;
  /** Longest silence of a tunnel in both directions and of a stream of events; 0 = none. */
  readonly tunnelIdleMs: number;
  /** Limit of the whole exchange, tunnels and streams of events apart; 0 = none. */
  readonly requestTimeoutMs: number;
  /** Whether its requests are written to the access log. */
  readonly accessLog: boolean;
  readonly errorPages: readonly ErrorPage[];
  /** Lower-case names of request trailers that reach the backend; all others are dropped (PEERS 3, row 25). */
  readonly requestTrailers: ReadonlySet<string>;
  readonly group: UpstreamGroup;
  /** Null = every request is sent once. */
  readonly retry: RetryPolicy | null;
  /** Indexes of the backends of the group, each once. */
  readonly peers: readonly number[];
  readonly series: RouteSeries;
}
