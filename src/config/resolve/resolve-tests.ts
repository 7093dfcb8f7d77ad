import type { RoutingTest } from '../route-settings.ts';
import type { CheckedConfig } from '../schema.ts';
import { nearestName } from '../nearest-name.ts';
import type { Findings } from './findings.ts';

/** Names in a routing test that no route may have. */
const DEFAULT_ROUTE = 'default';
const NO_ROUTE = 'none';

/** Whether a name means something else than a route. */
export function isReservedName(name: string): boolean {
  return name === DEFAULT_ROUTE || name === NO_ROUTE;
}

/** The routing tests with their places; whether the routes do take the requests is found out by the router itself. */
export function resolveTests(checked: CheckedConfig, findings: Findings): RoutingTest[] {
  if (checked.tests.length === 0) return [];
  const names = findings.routeNames();
  const hasDefault = checked.default_backend.length > 0 || checked.test_backends.length > 0;
  return checked.tests.map(({ request, headers, route }, index) => {
    const path = ['tests', index, 'route'];
    if (route === DEFAULT_ROUTE && !hasDefault) {
      findings.add('error', path, 'there is no default backend', 'default_backend, or none');
    } else if (!isReservedName(route) && !names.has(route)) {
      findings.addUnknown(path, `there is no route ${route}`, nearestName(route, names));
    }
    const origin = findings.merged.originOf(['tests', index]).text;
    return { ...request, headers, route: route === NO_ROUTE ? null : route, origin };
  });
}
