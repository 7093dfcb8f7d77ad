import type { WorkerMetrics } from '../../telemetry/metrics/worker-metrics.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Filter } from '../exchange/filter.ts';
import type { CompiledRoute } from '../exchange/compiled-route.ts';
import { EDGE_ORDER, type EdgeFilterName } from '../filters/order.ts';
import type { RunnableSnapshot } from '../pipeline/pipeline.ts';
import { RouteTable } from '../router/route-table.ts';
import { RoundRobin } from '../upstream/balancer/round-robin.ts';
import type { BackendRegistry } from '../upstream/registry.ts';
import type { PlannedRoute, TrafficPlan } from './traffic-plan.ts';

/** What compiling needs of the worker. */
export interface CompileContext {
  readonly workerIndex: number;
  readonly registry: BackendRegistry;
  readonly metrics: WorkerMetrics;
  /** Makes each edge filter; every name of the order has one, so that a forgotten filter does not compile. */
  readonly edgeFilters: (table: RouteTable) => Readonly<Record<EdgeFilterName, Filter>>;
}

/** Request trailers that reach a backend; none, as long as no route names any. */
const NO_TRAILERS: ReadonlySet<string> = new Set();

/** Makes a runnable snapshot of a plan: everything that can be looked up or computed before a request comes, is. */
export function compileSnapshot(plan: TrafficPlan, context: CompileContext): RunnableSnapshot {
  const table = new RouteTable(plan.routes.map((route) => compileRoute(route, plan, context)));
  const made = context.edgeFilters(table);
  return {
    edgeFilters: EDGE_ORDER.map((name) => made[name]),
    match: (exchange: Exchange) => table.match(exchange.head.host, exchange.head.target),
  };
}

function compileRoute(route: PlannedRoute, plan: TrafficPlan, context: CompileContext): CompiledRoute {
  const backends = route.targets.map((target) => context.registry.acquire(target.backend, plan.pool));
  const weights = route.targets.map((target) => target.weight);
  return {
    name: route.name,
    pathLabel: route.pathPrefix,
    host: route.host,
    pathPrefix: route.pathPrefix,
    stripLength: route.stripPath && route.pathPrefix !== '/' ? route.pathPrefix.replace(/\/$/, '').length : 0,
    preserveHost: route.preserveHost,
    responseTimeoutMs: route.responseTimeoutMs,
    requestTrailers: NO_TRAILERS,
    group: new RoundRobin(backends, weights, context.workerIndex),
    filters: [],
    series: context.metrics.route(route.index),
  };
}
