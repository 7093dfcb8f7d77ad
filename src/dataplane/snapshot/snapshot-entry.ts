import type { CompiledRoute } from '../exchange/compiled-route.ts';
import type { ReportedRoute } from '../filters/endpoints/backend-reports.ts';
import type { RouteEntry } from '../router/route-match.ts';
import type { PlanHead } from './traffic-plan.ts';

/** A compiled route with what a later snapshot needs of it when it takes it over unchanged. */
export interface SnapshotEntry extends RouteEntry<CompiledRoute> {
  /** Of its backends only what reports show. */
  readonly targets: ReportedRoute['targets'];
}

/** What a snapshot takes of a plan besides its routes. */
export type SnapshotFrame = Omit<PlanHead, 'backends' | 'routeCount'>;
