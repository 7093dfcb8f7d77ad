import type { CompiledPathChange } from '../../base/http/path-change.ts';
import { normalizePath } from '../../base/http/request-path.ts';
import type { PathChange } from '../../config/route-settings.ts';
import type { CompiledRoute } from '../exchange/compiled-route.ts';
import type { Filter } from '../exchange/filter.ts';
import { changesNothing, createHeadersFilter } from '../filters/headers/headers-filter.ts';
import { ROUTE_ORDER, type RouteFilterName } from '../filters/order.ts';
import { createRedirectFilter } from '../filters/redirect/redirect-filter.ts';
import { createStickyFilter } from '../filters/sticky/sticky-filter.ts';
import { createUpgradeFilter } from '../filters/upgrade/upgrade-filter.ts';
import { createRetryPolicy } from '../proxy/retry-policy.ts';
import { createBalancer, createStickySessions } from '../upstream/balancer/create.ts';
import { Members } from '../upstream/balancer/members.ts';
import type { StickySessions } from '../upstream/balancer/sticky-sessions.ts';
import type { CompileContext } from './compile-context.ts';
import type { PlannedRoute, TrafficPlan } from './traffic-plan.ts';

/** Request trailers that reach a backend; none, as long as no route names any. */
const NO_TRAILERS: ReadonlySet<string> = new Set();

/** Makes one route ready to run. */
export function compileRoute(
  route: PlannedRoute,
  plan: Pick<TrafficPlan, 'pool' | 'stickySecret'>,
  context: CompileContext,
): CompiledRoute {
  const members = new Members(
    route.targets.map((target) => context.registry.acquire(target.backend, plan.pool)),
    route.targets.map((target) => target.weight),
  );
  const sessions = createStickySessions(route.balancing, members, plan.stickySecret);
  const pathChange = pathChangeOf(route);
  const made = routeFilters(route, sessions, context.capture ?? null);
  return {
    name: route.name,
    pathLabel: route.match.path.value,
    pathChange,
    hostOverride: route.rewriteHost,
    preserveHost: route.preserveHost,
    passesAmbiguousPath: route.ambiguousPath === 'pass',
    pathFloor: pathFloorOf(route, pathChange),
    responseTimeoutMs: route.timeoutMs,
    requestTimeoutMs: route.requestTimeoutMs,
    tunnelIdleMs: route.tunnelIdleMs,
    accessLog: route.accessLog,
    errorPages: route.errorPages,
    requestTrailers: NO_TRAILERS,
    retry: createRetryPolicy(route.retry, context.wheel, context.retryAllowance),
    peers: peersOf(route),
    group: createBalancer(route.balancing, members, context.workerIndex, sessions),
    filters: ROUTE_ORDER.map((name) => made[name]).filter((filter) => filter !== null),
    series: context.metrics.route(route.index),
  };
}

/** Places of those that get requests. */
function peersOf({ targets }: PlannedRoute): number[] {
  return [...new Set(targets.filter(({ weight }) => weight > 0).map(({ backend }) => backend.place))];
}

/** Every name of the order has an entry, null where the route does not need the filter. */
function routeFilters(
  route: PlannedRoute,
  sessions: StickySessions | null,
  capture: Filter | null,
): Readonly<Record<RouteFilterName, Filter | null>> {
  const { redirect, requestHeaders, responseHeaders } = route;
  const plainHeaders = changesNothing(requestHeaders) && changesNothing(responseHeaders);
  return {
    redirect: redirect === null ? null : createRedirectFilter(redirect, compilePathChange(redirect.path, route)),
    upgrade: route.upgrades ? null : createUpgradeFilter(),
    sticky: sessions === null ? null : createStickyFilter(sessions),
    headers: plainHeaders ? null : createHeadersFilter(requestHeaders, responseHeaders),
    capture,
  };
}

function pathChangeOf(route: PlannedRoute): CompiledPathChange | null {
  if (route.rewritePath !== null) return compilePathChange(route.rewritePath, route);
  const take = prefixLength(route);
  return route.stripPath && take > 0 ? { take, put: '' } : null;
}

/** A backend's base path goes before the whole path, what a route puts somewhere in place of the route's own. */
function pathFloorOf(route: PlannedRoute, pathChange: CompiledPathChange | null): number {
  if (pathChange !== null && pathChange.take > 0) return route.match.path.value.split('/').length - 1;
  const isPrefixed = route.rewritePath !== null || route.targets.some(({ backend }) => backend.basePath !== '');
  return isPrefixed ? 0 : -1;
}

function compilePathChange(change: PathChange | null, route: PlannedRoute): CompiledPathChange | null {
  if (change === null) return null;
  if (change.kind === 'full') return { take: -1, put: change.value };
  return { take: prefixLength(route), put: change.value.replace(/\/$/, '') };
}

/** Of the part of a path that the route's own path took. */
function prefixLength({ match: { path } }: PlannedRoute): number {
  return path.value === '/' ? 0 : normalizePath(path.value).length;
}
