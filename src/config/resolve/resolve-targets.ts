import type { TargetSettings } from '../route-settings.ts';
import type { CheckedConfig } from '../schema.ts';
import type { WrittenTarget } from '../sections/target-fields.ts';
import type { Findings } from './findings.ts';

type CheckedRoute = CheckedConfig['routes'][string];

/** Weight of a target that has none. */
const DEFAULT_WEIGHT = 1;

/** Targets of the requests that no route takes: the default backend, or what takes its place for a trial. */
export function resolveDefaultBackend(checked: CheckedConfig, findings: Findings): TargetSettings[] {
  const isTrial = checked.test_backends.length > 0;
  const key = isTrial ? 'test_backends' : 'default_backend';
  const targets = checked[key].map(({ url, weight }) => ({ url, weight: weight ?? DEFAULT_WEIGHT }));
  if (isTrial) findings.add('warning', [key], 'takes the place of default_backend, which is meant for trials only');
  checkTargets([key], targets, findings);
  return targets;
}

/** Hosts whose requests may go to the default backend. */
export function resolveDefaultHosts(checked: CheckedConfig, findings: Findings): readonly string[] {
  const hosts = checked.host_filter;
  if (hosts.length === 0) return ['*'];
  const hasBackend = checked.default_backend.length > 0 || checked.test_backends.length > 0;
  if (!hasBackend) findings.add('warning', ['host_filter'], 'is not used without default_backend');
  return hosts.includes('*') ? ['*'] : [...new Set(hosts)];
}

/** Targets of a route, empty when it redirects; null = what is wrong with them is told. */
export function resolveTargets(name: string, route: CheckedRoute, findings: Findings): TargetSettings[] | null {
  const { target, targets, weights } = route;
  const path = ['routes', name];
  if (target !== undefined && targets !== undefined) {
    findings.add('error', [...path, 'target'], 'target and targets are both written', 'one of them');
    return null;
  }
  const written = targets ?? (target === undefined ? [] : [target]);
  if (route.redirect !== undefined) {
    if (written.length > 0) findings.add('error', [...path, 'redirect'], REDIRECT_AND_TARGETS, 'one of them');
    return written.length > 0 ? null : [];
  }
  if (written.length === 0) {
    findings.add('error', path, 'has no target', 'target, targets, or redirect');
    return null;
  }
  if (weights !== undefined && !checkWeights(name, written, weights, findings)) return null;
  const resolved = written.map(({ url, weight }, index) => ({
    url,
    weight: weights?.[index] ?? weight ?? DEFAULT_WEIGHT,
  }));
  checkTargets([...path, targets === undefined ? 'target' : 'targets'], resolved, findings);
  return resolved;
}

const REDIRECT_AND_TARGETS = 'redirect and a target are both written, and a route that redirects asks no backend';

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
