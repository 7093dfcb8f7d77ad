import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import { PLAIN_POLICY } from '../../../tests/support/off-settings.ts';
import { planOf, plannedRoute } from '../../../tests/support/planned.ts';
import { until } from '../../../tests/support/until.ts';
import type { BackendPolicy } from '../../config/resilience-settings.ts';
import type { TrafficPlan } from '../../dataplane/snapshot/traffic-plan.ts';
import { BackendGate } from '../../shared-memory/backend-gate.ts';
import { GATE_ENTRIES } from '../../shared-memory/gate-cells.ts';
import { GateTable } from '../../shared-memory/gate-memory.ts';
import { createRegions } from '../../shared-memory/regions.ts';
import { RetryBudget } from '../../shared-memory/retry-budget.ts';
import type { ApplicationLog } from '../../telemetry/logs/application-log.ts';
import { GateWatch } from './gate-watch.ts';

const POLICY: BackendPolicy = {
  ...PLAIN_POLICY,
  breaker: { threshold: 1, openMs: 10, maxTrials: 1, successThreshold: 1 },
  passiveHealth: {
    consecutiveFailures: 1,
    failureShare: 0,
    windowMs: 10_000,
    minRequests: 10,
    ejectMs: 10,
    maxEjectMs: 10,
    maxEjectedShare: 0.5,
  },
};

/** Main's watch, and what a worker does to the same gates. */
function rig(context: TestContext) {
  const regions = createRegions(1);
  const lines: { level: string; message: string; backend: unknown }[] = [];
  const write =
    (level: string) =>
    (message: string, values: Readonly<Record<string, unknown>> = {}): void =>
      void lines.push({ level, message, backend: values['backend'] });
  const log = { info: write('info'), warn: write('warn'), error: write('error') } as unknown as ApplicationLog;
  const watch = new GateWatch({ regions, log, nameOf: (backend) => `http://b${backend}` });
  context.after(() => watch.stop());
  const table = new GateTable(regions, 0, (backend, event) => watch.changed(backend, event));
  return { regions, watch, lines, gateOf: (backend: number) => new BackendGate(table, backend, POLICY) };
}

function planWith(backends: readonly number[], policy = POLICY): TrafficPlan {
  const routes = backends.map((index) => {
    const { targets, ...rest } = plannedRoute(`/${index}`, index);
    return { ...rest, targets: targets.map((target) => ({ ...target, backend: { ...target.backend, policy } })) };
  });
  return planOf(1, routes);
}

test('what time alone does is done and told by main, when no request comes', async (context) => {
  const { watch, lines, gateOf } = rig(context);
  watch.apply(planWith([7]));
  watch.start();
  const gate = gateOf(7);
  gate.failed(gate.admit(), 'reset', [7, 8]);
  assert.deepEqual(
    lines.map(({ message }) => message),
    ['circuit breaker opened', 'backend ejected'],
  );
  await until('main looked', () => lines.length === 4);
  assert.deepEqual(lines.slice(2), [
    { level: 'info', message: 'circuit breaker half-open', backend: 'http://b7' },
    { level: 'info', message: 'backend returned', backend: 'http://b7' },
  ]);
});

test('what workers do to a backend before main hears of its plan stays, and so does the state of one that stays', (context) => {
  const { watch, gateOf } = rig(context);
  watch.apply(planWith([2]));
  for (const backend of [1, 2]) gateOf(backend).breaker.force('forced_open');
  watch.apply(planWith([2, 1]));
  const states = watch.figures().map(({ backend, state: { circuit } }) => [backend, circuit]);
  assert.deepEqual(states, [
    [2, 'forced_open'],
    [1, 'forced_open'],
  ]);
});

test('backends whose policy closes no gate are not looked at', (context) => {
  const { watch } = rig(context);
  watch.apply(planWith([1, 2], PLAIN_POLICY));
  assert.deepEqual(watch.figures(), []);
});

test('backends beyond the gates are told, loudly', (context) => {
  const { watch, lines } = rig(context);
  watch.apply(planWith([1, GATE_ENTRIES, GATE_ENTRIES + 1]));
  assert.deepEqual(lines, [
    {
      level: 'error',
      message: 'too many backends: circuit breakers and ejection do not work for all',
      backend: undefined,
    },
  ]);
  assert.equal(watch.figures().length, 1);
});

test('the budget that is shown is that of the plan', (context) => {
  const { watch, regions } = rig(context);
  watch.apply({ ...planWith([1]), retryBudget: { share: 0.5, minPerSecond: 3 } });
  const worker = new RetryBudget(regions, 0);
  worker.configure({ share: 0.5, minPerSecond: 3 });
  assert.equal(worker.mayRetry(), true);
  assert.deepEqual(watch.budgetFigures(), { requests: 0, used: 1, allowed: 30 });
});
