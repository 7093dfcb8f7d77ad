import { CidrSet } from '../../base/net/cidr.ts';
import { ROUTE_UNMATCHED } from '../../telemetry/metrics/families.ts';
import type { CompiledRoute } from '../exchange/compiled-route.ts';
import type { Filter } from '../exchange/filter.ts';
import { BackendReports, type ReportedRoute } from '../filters/endpoints/backend-reports.ts';
import { createEndpointsFilter } from '../filters/endpoints/endpoints-filter.ts';
import { createForwardedFilter } from '../filters/forwarded/forwarded-filter.ts';
import { createLoopFilter } from '../filters/loop/loop-filter.ts';
import { methodsFilter } from '../filters/methods/methods-filter.ts';
import type { EdgeFilterName } from '../filters/order.ts';
import type { RouteTable } from '../router/route-table.ts';
import type { CompileContext } from './compile-context.ts';
import type { SnapshotEntry, SnapshotFrame } from './snapshot-entry.ts';

/** Makes every filter of the edge order, so that a forgotten one does not compile. */
export function createEdgeFilters(
  plan: SnapshotFrame,
  entries: readonly SnapshotEntry[],
  table: RouteTable<CompiledRoute>,
  context: CompileContext,
): Readonly<Record<EdgeFilterName, Filter>> {
  const metricsAllow = new CidrSet(plan.metricsAllow);
  return {
    forwarded: createForwardedFilter(context.via),
    loop: createLoopFilter(context.via),
    methods: methodsFilter,
    endpoints: createEndpointsFilter({
      settings: plan.endpoints,
      view: context.view,
      backends: new BackendReports(entries.map(reportedRoute), context.backends, plan.endpoints.debugEnabled),
      isRouted: (host) => table.isRouted(host),
      mayReadMetrics: (address) => metricsAllow.has(address),
      ownHostname: context.hostname,
      seriesOf: (path) => context.metrics.route(plan.endpointIndexes[path] ?? ROUTE_UNMATCHED),
    }),
  };
}

function reportedRoute({ name, match, route, targets }: SnapshotEntry): ReportedRoute {
  return { name, match: { host: match.host, path: { value: route.pathLabel } }, targets };
}
