import type { RouteSettings, TargetSettings } from '../resolved-config.ts';
import type { CheckedConfig } from '../schema.ts';
import type { WrittenTarget } from '../sections/target-fields.ts';
import type { Findings } from './findings.ts';

type CheckedRoute = CheckedConfig['routes'][string];

/** Weight of a target that has none. */
const DEFAULT_WEIGHT = 1;

/** Complete routes by name; two routes for the same host and path are an error (SPEC A.11, C2). */
export function resolveRoutes(checked: CheckedConfig, findings: Findings): RouteSettings[] {
  const owners = new Map<string, string>();
  const routes: RouteSettings[] = [];
  for (const [name, route] of Object.entries(checked.routes).toSorted(byName)) {
    const place = `${route.host} ${route.path}`;
    const owner = owners.get(place);
    if (owner !== undefined) {
      findings.add(
        'error',
        ['routes', name],
        `has the host and path of routes.${owner} (${originOf(findings, owner)}): ${place}`,
      );
    }
    owners.set(place, owner ?? name);
    const targets = resolveTargets(name, route, findings);
    if (targets !== null) routes.push(resolveRoute(name, { ...route, targets }, checked));
  }
  return routes;
}

/** Targets of the requests that no route takes. */
export function resolveDefaultBackend(checked: CheckedConfig, findings: Findings): TargetSettings[] {
  const targets = checked.default_backend.map((target) => ({
    url: target.url,
    weight: target.weight ?? DEFAULT_WEIGHT,
  }));
  checkTargets(['default_backend'], targets, findings);
  return targets;
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function originOf(findings: Findings, name: string): string {
  return findings.merged.originOf(['routes', name]).text;
}

function resolveRoute(
  name: string,
  route: CheckedRoute & { targets: TargetSettings[] },
  checked: CheckedConfig,
): RouteSettings {
  return {
    name,
    host: route.host,
    pathPrefix: route.path,
    targets: route.targets,
    timeoutMs: route.timeout ?? checked.timeout,
    stripPath: route.strip_path ?? checked.strip_path,
    preserveHost: route.preserve_host ?? checked.preserve_host,
  };
}

function resolveTargets(name: string, route: CheckedRoute, findings: Findings): TargetSettings[] | null {
  const { target, targets, weights } = route;
  if (target !== undefined && targets !== undefined) {
    findings.add('error', ['routes', name, 'target'], 'target and targets are both written', 'one of them');
    return null;
  }
  const written = targets ?? (target === undefined ? [] : [target]);
  if (written.length === 0) {
    findings.add('error', ['routes', name], 'has no target', 'target, or targets');
    return null;
  }
  if (weights !== undefined && !checkWeights(name, written, weights, findings)) return null;
  const resolved = written.map(({ url, weight }, index) => ({
    url,
    weight: weights?.[index] ?? weight ?? DEFAULT_WEIGHT,
  }));
  checkTargets(['routes', name, targets === undefined ? 'target' : 'targets'], resolved, findings);
  return resolved;
}

function checkWeights(
  name: string,
  written: readonly WrittenTarget[],
  weights: readonly number[],
  findings: Findings,
): boolean {
  const path = ['routes', name, 'weights'];
  if (weights.length !== written.length) {
    const message = `has ${weights.length} weights for ${written.length} targets`;
    findings.add('error', path, message, 'one weight for each target');
    return false;
  }
  if (written.every(({ weight }) => weight === null)) return true;
  findings.add('error', path, 'weights are written here and beside the targets', 'one of them');
  return false;
}

function checkTargets(path: readonly string[], targets: readonly TargetSettings[], findings: Findings): void {
  const urls = targets.map(({ url }) => url);
  const repeated = urls.find((url, index) => urls.indexOf(url) !== index);
  if (repeated !== undefined) findings.add('error', path, `has ${repeated} twice`, 'a target once; use its weight');
  const isEmpty = targets.length > 0 && targets.every(({ weight }) => weight === 0);
  if (isEmpty) findings.add('error', path, 'has no target with a weight above 0');
}
