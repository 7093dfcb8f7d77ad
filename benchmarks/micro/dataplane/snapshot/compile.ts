import { NO_RETRY, PLAIN_POLICY } from '../../../../tests/support/off-settings.ts';
import type { RouteSettings } from '../../../../src/config/route-settings.ts';
import { compileSnapshot } from '../../../../src/dataplane/snapshot/compile.ts';
import type { PlannedRoute, TrafficPlan } from '../../../../src/dataplane/snapshot/traffic-plan.ts';
import { BackendRegistry, type BackendTarget } from '../../../../src/dataplane/upstream/registry.ts';
import { TimerWheel } from '../../../../src/base/time/timer-wheel.ts';
import { UNKNOWN_BACKENDS } from '../../../../src/dataplane/filters/endpoints/backend-reports.ts';
import { BackendFactsTable } from '../../../../src/shared-memory/backend-facts.ts';
import { GateTable } from '../../../../src/shared-memory/gate-memory.ts';
import { HeldBackends } from '../../../../src/shared-memory/held-backends.ts';
import { createRegions } from '../../../../src/shared-memory/regions.ts';
import { WorkerMetrics } from '../../../../src/telemetry/metrics/worker-metrics.ts';
import { PROBE_VIEW } from '../../../../src/controlplane/explain/probe.ts';
import { routeMatch } from '../../../../tests/support/route-match.ts';

const ROUTES = 10_000;
const PATHS_PER_HOST = 10;
const BACKENDS = 50;
const MIB = 1_048_576;

function backendOf(place: number): BackendTarget {
  const authority = `127.0.0.1:${9_000 + place}`;
  return {
    index: place,
    series: place,
    place,
    name: `http://${authority}`,
    authority,
    basePath: '',
    addresses: [{ host: '127.0.0.1', port: 9_000 + place }],
    tlsName: null,
    policy: PLAIN_POLICY,
  };
}

/** As a worker gets it: a structured clone, nothing shared between routes. */
function planOf(count: number): TrafficPlan {
  const routes = Array.from({ length: count }, (_, i): PlannedRoute => {
    const settings: Omit<RouteSettings, 'targets' | 'backends'> = {
      name: `route_${i}`,
      match: routeMatch({
        host: `h${Math.floor(i / PATHS_PER_HOST)}.example.com`,
        path: `/service${i % PATHS_PER_HOST}`,
      }),
      redirect: null,
      rewritePath: null,
      rewriteHost: null,
      requestHeaders: { set: [], add: [], remove: [] },
      responseHeaders: { set: [], add: [], remove: [] },
      balancing: { strategy: 'round_robin', hashOn: { kind: 'address' }, stickyCookie: null, stickyMaxAgeSeconds: 0 },
      retry: NO_RETRY,
      upgrades: true,
      tunnelIdleMs: 0,
      timeoutMs: 30_000,
      requestTimeoutMs: 0,
      stripPath: false,
      preserveHost: true,
      ambiguousPath: 'refuse',
      accessLog: true,
      errorPages: [],
    };
    return { ...settings, index: 1 + (i % PATHS_PER_HOST), targets: [{ backend: backendOf(i % BACKENDS), weight: 1 }] };
  });
  const pool = {
    maxIdle: 100,
    maxIdleInAll: 100,
    maxConnections: 100,
    idleTimeoutMs: 90_000,
    connectTimeoutMs: 10_000,
    queueTimeoutMs: 10_000,
    bodyIdleTimeoutMs: 300_000,
  };
  return {
    version: 1,
    routes,
    pool,
    endpoints: ENDPOINTS,
    endpointIndexes: {},
    metricsAllow: [],
    stickySecret: 'x',
    retryBudget: { share: 0.2, minPerSecond: 10 },
    requestId: { enabled: true, header: 'X-Request-ID', generator: 'counter' },
  };
}

const ENDPOINTS = {
  healthEnabled: true,
  healthPath: '/health',
  readinessPath: '/ready',
  readinessRequiresBackends: false,
  livenessPath: '/live',
  metricsEnabled: true,
  metricsPath: '/metrics',
  metricsAllow: [],
  detailedMetrics: false,
  metricsIntervalMs: 15_000,
  debugEnabled: false,
} as unknown as TrafficPlan['endpoints'];

const regions = createRegions(1);
const wheel = new TimerWheel(0);
const context = {
  workerIndex: 0,
  registry: new BackendRegistry({
    wheel,
    metrics: new WorkerMetrics(regions, 0),
    held: new HeldBackends(regions, 0),
    facts: new BackendFactsTable(regions, 0),
    gates: new GateTable(regions, 0, () => undefined),
    log: null,
  }),
  metrics: new WorkerMetrics(regions, 0),
  via: 'bench',
  hostname: '',
  wheel,
  retryAllowance: { configure: () => undefined, requested: () => undefined, mayRetry: () => true },
  view: PROBE_VIEW,
  backends: UNKNOWN_BACKENDS,
};

function usedMib(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / MIB;
}

if (globalThis.gc === undefined) process.stdout.write('(without --expose-gc the megabytes below hold garbage)\n');
const before = usedMib();
const plan = structuredClone(planOf(ROUTES));
const withPlan = usedMib();
const start = performance.now();
const snapshot = compileSnapshot(plan, context);
const elapsedMs = performance.now() - start;
const withSnapshot = usedMib();
process.stdout.write(
  `compileSnapshot of ${ROUTES} routes: ${elapsedMs.toFixed(0)} ms; plan ${(withPlan - before).toFixed(1)} MB, ` +
    `compiled ${(withSnapshot - withPlan).toFixed(1)} MB per worker (${snapshot.entries.length} entries, ${plan.routes.length} in the plan)\n`,
);
