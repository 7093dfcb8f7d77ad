import type { RequestHead } from '../../base/http1/request-head.ts';
import type { CompiledRoute } from '../exchange/compiled-route.ts';
import { EDGE_ORDER } from '../filters/order.ts';
import { RequestIds } from '../pipeline/request-ids.ts';
import type { RunnableSnapshot } from '../pipeline/pipeline.ts';
import { compileMatch, type RouteEntry } from '../router/route-match.ts';
import { RouteTable } from '../router/route-table.ts';
import type { CompileContext } from './compile-context.ts';
import { compileRoute } from './compile-route.ts';
import { createEdgeFilters } from './edge-filters.ts';
import type { TrafficPlan } from './traffic-plan.ts';

/** A snapshot with what it was made of. */
export interface CompiledSnapshot extends RunnableSnapshot {
  /** In the order of the plan. */
  readonly entries: readonly RouteEntry<CompiledRoute>[];
}

/** Makes a runnable snapshot of a plan: everything that can be looked up or computed before a request comes, is. */
export function compileSnapshot(plan: TrafficPlan, context: CompileContext): CompiledSnapshot {
  const entries = plan.routes.map((route) => ({
    name: route.name,
    match: compileMatch(route.match),
    route: compileRoute(route, plan, context),
  }));
  const table = new RouteTable(entries);
  const made = createEdgeFilters(plan, table, context);
  return {
    requestIds: new RequestIds(plan.requestId),
    edgeFilters: EDGE_ORDER.map((name) => made[name]),
    match: (host: string, path: string, head: RequestHead) => table.match(host, path, head),
    entries,
  };
}
