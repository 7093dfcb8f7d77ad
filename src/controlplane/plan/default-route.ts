import type { TrafficSettings } from '../../config/resolved-config.ts';
import type { HeaderChanges, RouteSettings } from '../../config/route-settings.ts';

/** Name of the route that is made of the default backend. */
const DEFAULT_ROUTE = 'default';

/** Below every priority that a route can have: the default backend takes what no route takes. */
const LAST = -1_000_000;
const NO_CHANGES: HeaderChanges = { set: [], add: [], remove: [] };

/** Routes of the default backend: one for each host that may use it, none without a default backend. */
export function defaultRoutes(traffic: TrafficSettings): RouteSettings[] {
  if (traffic.defaultBackend.length === 0) return [];
  return traffic.defaultHosts.map((host) => ({
    name: DEFAULT_ROUTE,
    match: { host, path: { kind: 'prefix', value: '/' }, methods: [], headers: [], priority: LAST },
    targets: traffic.defaultBackend,
    redirect: null,
    rewritePath: null,
    rewriteHost: null,
    requestHeaders: NO_CHANGES,
    responseHeaders: NO_CHANGES,
    balancing: traffic.defaultBalancing,
    backends: traffic.upstream.backends,
    retry: traffic.upstream.retry,
    upgrades: true,
    tunnelIdleMs: traffic.upstream.tunnelIdleMs,
    timeoutMs: traffic.upstream.responseTimeoutMs,
    requestTimeoutMs: traffic.upstream.requestTimeoutMs,
    stripPath: false,
    preserveHost: traffic.upstream.preserveHost,
    ambiguousPath: traffic.upstream.ambiguousPath,
    accessLog: true,
    errorPages: [],
  }));
}
