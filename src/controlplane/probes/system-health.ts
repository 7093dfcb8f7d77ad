import type { OperationsHealth, ReadinessCheck } from '../../telemetry/operations-state.ts';
import type { BackendTotals } from './backend-checks.ts';
import { durationText } from './check-loop.ts';
import type { DependencyState } from './dependency-checks.ts';

/**
 * Health of the program from what is checked (SPEC F, System health). Backends: all healthy is healthy, more healthy than not
 * is degraded, all else is unhealthy; none that is checked is healthy, since nothing speaks against it. Dependencies: a required
 * one that is unhealthy makes the program unhealthy, an advisory one degraded. The worst of both counts.
 *
 * @param requiresBackends without a healthy backend the program is not ready; otherwise backends are no obstacle, since a proxy
 *   that is taken out with them can no longer tell clients why
 */
export function systemHealth(
  backends: BackendTotals,
  dependencies: readonly DependencyState[],
  requiresBackends: boolean,
): OperationsHealth {
  const isBad = (required: boolean): boolean =>
    dependencies.some((each) => each.status === 'unhealthy' && each.required === required);
  const ofBackends = backendHealth(backends);
  const status = isBad(true) || ofBackends === 'unhealthy' ? 'unhealthy' : isBad(false) ? 'degraded' : ofBackends;
  return {
    status,
    checks: Object.fromEntries(dependencies.map((each) => [each.name, each.status])),
    readyChecks: Object.fromEntries(dependencies.map((each) => [each.name, readinessOf(each)])),
    obstacle: obstacleOf(dependencies) ?? (requiresBackends ? backendObstacle(backends) : null),
  };
}

function backendHealth({ checked, healthy }: BackendTotals): OperationsHealth['status'] {
  if (healthy === checked) return 'healthy';
  return healthy > checked - healthy ? 'degraded' : 'unhealthy';
}

function readinessOf({ status, durationMs, error }: DependencyState): ReadinessCheck {
  return {
    passed: status === 'healthy',
    duration: durationMs === null ? null : durationText(durationMs),
    error,
  };
}

function backendObstacle({ checked, healthy }: BackendTotals): string | null {
  return checked > 0 && healthy === 0 ? 'no backend is healthy' : null;
}

function obstacleOf(dependencies: readonly DependencyState[]): string | null {
  const missing = dependencies.find(({ required, status }) => required && status !== 'healthy');
  if (missing === undefined) return null;
  return missing.status === 'unknown'
    ? `dependency ${missing.name} has not been checked yet`
    : `dependency ${missing.name} is unhealthy`;
}
