import { CHECK_FAILURES } from '../../base/errors/check-failures.ts';
import type { ApplicationLog } from '../../telemetry/logs/application-log.ts';
import type { LogValues } from '../../telemetry/logs/log-entry.ts';
import type { CheckChange, CheckState } from './check-state.ts';
import type { CheckOutcome } from './check.ts';

/** A check that ended, and what that changed. */
export interface EndedCheck {
  /** Of the backend or the dependency. */
  readonly name: string;
  readonly outcome: CheckOutcome;
  readonly change: CheckChange;
  readonly state: CheckState;
}

/** Every check at debug; what it changes once, as an event of its own (SPEC F, Active health). */
export function logCheck(log: ApplicationLog, kind: 'backend' | 'dependency', ended: EndedCheck): void {
  const { name, outcome, change } = ended;
  const values = valuesOf(ended);
  const ofCheck = outcome.failure === null ? 'passed' : 'failed';
  log.debug(`health check ${ofCheck}`, { [kind]: name, event: ofCheck, ...values });
  if (change === 'degraded') log.info(`${kind} is degraded`, { [kind]: name, event: change, ...values });
  else if (change === 'failed') log.warn(`${kind} is unhealthy`, { [kind]: name, event: change, ...values });
  else if (change === 'recovered') log.info(`${kind} is healthy`, { [kind]: name, event: change, ...values });
}

function valuesOf({ outcome, state }: EndedCheck): LogValues {
  const { failure, status, detail, durationMs } = outcome;
  return {
    ...(failure === null ? {} : { code: failure, error: CHECK_FAILURES[failure] }),
    ...(detail === null ? {} : { detail }),
    ...(status === 0 ? {} : { status }),
    ...(failure === null ? { successes: state.consecutiveSuccesses } : { failures: state.consecutiveFailures }),
    duration_ms: Math.round(durationMs * 1_000) / 1_000,
  };
}
