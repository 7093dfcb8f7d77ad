import { CATALOGUE } from '../../telemetry/metrics/catalogue.ts';
import { type Exposition, labelText } from '../../telemetry/metrics/exposition.ts';
import type { CheckCounts } from '../probes/check-figures.ts';

/** What the metrics of active checks are made of. */
export interface CheckPageSource {
  /** Health by the names of checked backends. */
  backendStates(): ReadonlyMap<string, boolean>;
  dependencyStates(): readonly { readonly name: string; readonly status: string }[];
  checkCounts(): readonly CheckCounts[];
}

/** For a program without checks. */
export const NO_CHECKS: CheckPageSource = {
  backendStates: () => new Map(),
  dependencyStates: () => [],
  checkCounts: () => [],
};

/** Writes the metrics of active checks; yields between them. */
export function* writeChecks(to: Exposition, source: CheckPageSource): Generator<void> {
  const backends = Array.from(
    source.backendStates(),
    ([name, isUp]) => [labelText('backend', name), Number(isUp)] as const,
  );
  for (const family of [CATALOGUE.backendUp, CATALOGUE.backendHealthStatus]) {
    const name = to.family(family);
    for (const [labels, value] of backends) to.sample(name, labels, value);
    yield;
  }
  const dependencies = to.family(CATALOGUE.dependencyUp);
  for (const { name, status } of source.dependencyStates())
    to.sample(dependencies, labelText('name', name), Number(status === 'healthy'));
  const counts = source.checkCounts();
  const checks = to.family(CATALOGUE.healthChecks);
  for (const { target, passed, failed } of counts) {
    to.sample(checks, `${labelText('target', target)},status="success"`, passed);
    to.sample(checks, `${labelText('target', target)},status="failure"`, failed);
  }
  yield;
  const durations = to.family(CATALOGUE.healthCheckDuration);
  for (const { target, ...values } of counts) {
    to.histogram(durations, labelText('target', target), values);
    yield;
  }
}
