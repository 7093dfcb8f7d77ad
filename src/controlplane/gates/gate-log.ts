import type { GateEvent } from '../../shared-memory/gate-memory.ts';
import type { ApplicationLog } from '../../telemetry/logs/application-log.ts';

/** How a turn of a breaker is told, by the state that it turned to. */
const TURNS: Readonly<Record<string, readonly [level: 'info' | 'warn', message: string]>> = {
  open: ['warn', 'circuit breaker opened'],
  half_open: ['info', 'circuit breaker half-open'],
  closed: ['info', 'circuit breaker closed'],
  forced_open: ['warn', 'circuit breaker forced open'],
};

/** Writes what happened to the gate of a backend: one line for each change, whichever thread made it. */
export function logGateEvent(log: ApplicationLog, backend: string, event: GateEvent): void {
  if (event.kind === 'breaker') {
    const { from, to, failures, reason, successes } = event;
    const [level, message] = TURNS[to] ?? ['info', 'circuit breaker turned'];
    log[level](message, { backend, from, failures, last_failure: reason, successes });
  } else if (event.kind === 'ejected') {
    const { cause, failures, requests, reason, ejectedMs } = event;
    log.warn('backend ejected', {
      backend,
      reason: cause,
      failures,
      requests,
      last_failure: reason,
      ejected_ms: ejectedMs,
    });
  } else {
    log.info('backend returned', { backend });
  }
}
