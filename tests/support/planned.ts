import type { PlannedRoute, TrafficPlan } from '../../src/dataplane/snapshot/traffic-plan.ts';
import { NO_RETRY, PLAIN_POLICY } from './off-settings.ts';
import { POOL_LIMITS } from './rig-settings.ts';
import { routeMatch } from './route-match.ts';

const NO_CHANGES = { set: [], add: [], remove: [] };

/** A route of a plan that takes a path prefix to one backend, by the index of its series. */
export function plannedRoute(path: string, backend: number, changes: Partial<PlannedRoute> = {}): PlannedRoute {
  const authority = `127.0.0.1:${9_000 + backend}`;
  return {
    name: `route${path.replaceAll('/', '_')}`,
    index: 1,
    match: routeMatch({ path }),
    targets: [
      {
        weight: 1,
        backend: {
          index: backend,
          series: backend,
          place: backend,
          name: `http://${authority}`,
          authority,
          basePath: '',
          addresses: [{ host: '127.0.0.1', port: 9_000 + backend }],
          tlsName: null,
          policy: PLAIN_POLICY,
        },
      },
    ],
    redirect: null,
    rewritePath: null,
    rewriteHost: null,
    requestHeaders: NO_CHANGES,
    responseHeaders: NO_CHANGES,
    balancing: { strategy: 'round_robin', hashOn: { kind: 'address' }, stickyCookie: null, stickyMaxAgeSeconds: 0 },
    retry: NO_RETRY,
    tunnelIdleMs: 0,
    upgrades: true,
    timeoutMs: 30_000,
    requestTimeoutMs: 0,
    stripPath: false,
    preserveHost: true,
    ambiguousPath: 'refuse',
    accessLog: true,
    errorPages: [],
    ...changes,
  };
}

/** A plan of these routes. */
export function planOf(version: number, routes: readonly PlannedRoute[]): TrafficPlan {
  return {
    version,
    routes,
    endpoints: {
      healthEnabled: true,
      healthPath: '/health',
      readinessPath: '/ready',
      readinessRequiresBackends: false,
      livenessPath: '/live',
      metricsEnabled: true,
      metricsPath: '/metrics',
      debugEnabled: false,
      metricsAllow: [],
      detailedMetrics: false,
      metricsIntervalMs: 15_000,
      metricsPrefix: 'rwwwrse_',
    },
    endpointIndexes: {},
    pool: POOL_LIMITS,
    metricsAllow: [],
    stickySecret: 'a secret of more than sixteen characters',
    requestId: { enabled: true, header: 'X-Request-ID', generator: 'counter' },
    retryBudget: { share: 0.2, minPerSecond: 10 },
  };
}
