import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import tls from 'node:tls';

import { PlanRollout, type PlanMessage } from '../../src/controlplane/workers/plan-rollout.ts';
import type { FromWorker } from '../../src/dataplane/worker/messages.ts';
import { MESSAGES_VERSION } from '../../src/dataplane/worker/messages.ts';
import { WorkerRuntime } from '../../src/dataplane/worker/runtime.ts';
import { createRegions } from '../../src/shared-memory/regions.ts';
import { HEALTHY_PROGRAM } from '../../src/telemetry/operations-state.ts';
import { planOf, plannedRoute } from '../support/planned.ts';
import { silentSettings } from '../support/static-settings.ts';
import { until } from '../support/until.ts';

/** Longer than a slice of a preparation: whatever takes as long must be the last of its slice. */
const LONG_MS = 6;
const HEAVY = ['getCACertificates', 'setDefaultCACertificates', 'createSecureContext'] as const;

/** A worker in this thread, which gets plans as all workers do. */
function startWorker(context: TestContext, told: (message: FromWorker) => void): PlanRollout {
  const regions = createRegions(1);
  const settings = silentSettings(1);
  const own = { messagesVersion: MESSAGES_VERSION, ordinal: 0, row: 0, count: 1, regions, settings };
  const names = { via: 'test', clientSeed: 'test', hostname: 'test', version: '0.0.0' };
  const state = { ...HEALTHY_PROGRAM, ready: true, message: '', startedMs: 0 };
  const collection = { enabled: true, detailed: false };
  const runtime = new WorkerRuntime({ ...own, ...names, state, collection }, (message) => {
    told(message);
    rollout.message(thread, message as PlanMessage);
  });
  const thread = { ordinal: 0, send: runtime.receive.bind(runtime) };
  const rollout = new PlanRollout(planOf(1, [plannedRoute('/', 0)]), {
    running: () => undefined,
    unable: () => undefined,
  });
  context.after(() => runtime.receive({ type: 'stop' }));
  rollout.born(thread);
  return rollout;
}

test('a worker that gets its first HTTPS backends prepares TLS for them piece by piece, before it takes routes', async (t) => {
  let turn = 0;
  const count = (): void => {
    turn++;
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  t.after(() => clearImmediate(counting));
  const turns: number[] = [];
  let isPulling = false;
  const late: string[] = [];
  const seen: FromWorker['type'][] = [];
  const rollout = startWorker(t, ({ type }) => {
    seen.push(type);
    if (type === 'routesWanted') isPulling = true;
  });
  await until('it runs its first plan', () => seen.includes('committed'));
  isPulling = false;
  for (const name of HEAVY) {
    const real = tls[name] as (...args: unknown[]) => unknown;
    t.mock.method(tls, name, (...args: unknown[]) => {
      const endMs = performance.now() + LONG_MS;
      while (performance.now() < endMs);
      if (isPulling) late.push(name);
      else if (name !== 'getCACertificates' || !turns.includes(turn)) turns.push(turn);
      return real(...args);
    });
  }
  const secured = ['a.test', 'b.test'].map((tlsName, i) => {
    const route = plannedRoute(`/${tlsName}`, i + 1);
    const [{ backend }] = route.targets as readonly [(typeof route.targets)[number]];
    const policy = {
      ...backend.policy,
      tls: { ...backend.policy.tls, ca: i === 0 ? null : (tls.rootCertificates[0] ?? '') },
    };
    return { ...route, targets: [{ weight: 1, backend: { ...backend, tlsName, policy } }] };
  });
  const outcome = await rollout.roll(planOf(2, [plannedRoute('/', 0), ...secured]));
  assert.deepEqual(outcome, { status: 'committed' });
  assert.deepEqual(late, []);
  // The lists of authorities, the list that holds, the first context of it, and one for each backend.
  assert.ok(turns.length >= 5, `${turns.length} calls`);
  assert.deepEqual(turns, [...new Set(turns)], 'two calls of one turn');
});
