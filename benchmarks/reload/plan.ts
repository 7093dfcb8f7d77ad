import type { PlannedRoute, TrafficPlan } from '../../src/dataplane/snapshot/traffic-plan.ts';
import { planOf, plannedRoute } from '../../tests/support/planned.ts';
import { routeMatch } from '../../tests/support/route-match.ts';

const PATHS_PER_HOST = 10;
const BACKENDS = 50;

/** A plan of `count` routes, ten for each host; `generation` makes every route another one. */
export function benchmarkPlan(version: number, count: number, generation: number): TrafficPlan {
  const routes = Array.from({ length: count }, (_, i): PlannedRoute => {
    const host = `h${Math.floor(i / PATHS_PER_HOST)}.example.com`;
    const path = `/service${i % PATHS_PER_HOST}`;
    return plannedRoute(path, i % BACKENDS, {
      name: `route_${i}`,
      match: routeMatch({ host, path }),
      timeoutMs: 30_000 + generation,
    });
  });
  return planOf(version, routes);
}

/** The same plan with a route more, to a backend behind TLS that the system's authorities are to vouch for. */
export function securedPlan(version: number, count: number, generation: number): TrafficPlan {
  const plan = benchmarkPlan(version, count, generation);
  const route = plannedRoute('/secured', BACKENDS);
  const targets = route.targets.map(({ backend, weight }) => ({
    backend: { ...backend, tlsName: 'app.test' },
    weight,
  }));
  return { ...plan, routes: [...plan.routes, { ...route, targets }] };
}
