import type { RequestHead } from '../../base/http1/request-head.ts';
import { EDGE_ORDER } from '../filters/order.ts';
import { RequestIds } from '../pipeline/request-ids.ts';
import type { RunnableSnapshot } from '../pipeline/pipeline.ts';
import { compileMatch } from '../router/route-match.ts';
import { RouteTable } from '../router/route-table.ts';
import type { CompileContext } from './compile-context.ts';
import { compileRoute } from './compile-route.ts';
import { createEdgeFilters } from './edge-filters.ts';
import type { SnapshotEntry, SnapshotFrame } from './snapshot-entry.ts';
import type { PlannedRoute, TrafficPlan } from './traffic-plan.ts';

/** A snapshot with what it was made of. */
export interface CompiledSnapshot extends RunnableSnapshot {
  /** In the order of the plan. */
  readonly entries: readonly SnapshotEntry[];
}

/**
 * Makes a runnable snapshot piece by piece: everything that can be looked up or computed before a request comes, is. A worker
 * that serves does so in slices, since 10,000 routes take longer than its clients should wait (DESIGN.md 4).
 */
export class SnapshotBuilder {
  private readonly frame: SnapshotFrame;
  private readonly context: CompileContext;
  private readonly entries: SnapshotEntry[] = [];

  constructor(frame: SnapshotFrame, context: CompileContext) {
    this.frame = frame;
    this.context = context;
  }

  /** Compiles the route at `place` of the plan. */
  compile(place: number, route: PlannedRoute): void {
    this.entries[place] = {
      name: route.name,
      match: compileMatch(route.match),
      route: compileRoute(route, this.frame, this.context),
      targets: route.targets.map(({ weight, backend }) => ({
        weight,
        backend: { place: backend.place, name: backend.name },
      })),
    };
  }

  /** Takes over a route that did not change: exchanges, balancing and sessions go on as if nothing had happened. */
  keep(place: number, entry: SnapshotEntry): void {
    this.entries[place] = entry;
  }

  /** Puts the routes together; yields where something else may run in between. Once, when every place has its route. */
  *finish(): Generator<void, CompiledSnapshot> {
    const { entries, frame } = this;
    const table = yield* RouteTable.build(entries);
    yield;
    const made = createEdgeFilters(frame, entries, table, this.context);
    return {
      requestIds: new RequestIds(frame.requestId),
      edgeFilters: EDGE_ORDER.map((name) => made[name]),
      match: (host: string, path: string, head: RequestHead) => table.match(host, path, head),
      entries,
    };
  }
}

/** Makes a runnable snapshot of a whole plan at once. */
export function compileSnapshot(plan: TrafficPlan, context: CompileContext): CompiledSnapshot {
  const builder = new SnapshotBuilder(plan, context);
  plan.routes.forEach((route, place) => builder.compile(place, route));
  const steps = builder.finish();
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}
