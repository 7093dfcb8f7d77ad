import assert from 'node:assert/strict';
import test from 'node:test';

import { Heartbeats, steadyMs } from '../../shared-memory/heartbeats.ts';
import { createRegions } from '../../shared-memory/regions.ts';
import { HEALTHY_PROGRAM, type OperationsState } from '../../telemetry/operations-state.ts';
import { WorkerOperations } from './operations.ts';

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

function operations(state: Partial<OperationsState> = {}, asked: number[] = []) {
  const heartbeats = new Heartbeats(createRegions(1));
  const whole: OperationsState = {
    ...HEALTHY_PROGRAM,
    ready: true,
    message: 'ready',
    startedMs: Date.now(),
    ...state,
  };
  return { heartbeats, view: new WorkerOperations(whole, '1.2.3', heartbeats, (id) => asked.push(id)), whole };
}

test('health has status, timestamp, version, uptime in Go notation and checks (SPEC B)', () => {
  const { view } = operations({ startedMs: Date.now() - 90_015_400, checks: { redis: 'healthy' } });
  const { timestamp, ...rest } = JSON.parse(view.health().body) as Record<string, unknown>;
  assert.match(String(timestamp), TIMESTAMP);
  assert.deepEqual(rest, { status: 'healthy', version: '1.2.3', uptime: '25h0m15s', checks: { redis: 'healthy' } });
});

test('healthy and degraded are 200, unhealthy is 503', () => {
  const statuses = (['healthy', 'degraded', 'unhealthy'] as const).map((status) =>
    operations({ status }).view.health(),
  );
  assert.deepEqual(
    statuses.map(({ status }) => status),
    [200, 200, 503],
  );
});

test('readiness follows the state that main pushed last', () => {
  const { view, whole } = operations({ ready: false, message: 'starting' });
  assert.equal(view.readiness().status, 503);
  view.update({ ...whole, ready: true, message: 'ready' });
  const reply = view.readiness();
  assert.equal(reply.status, 200);
  const { timestamp: _, ...rest } = JSON.parse(reply.body) as Record<string, unknown>;
  assert.deepEqual(rest, { ready: true, checks: {}, message: 'ready' });
});

test('readiness shows the dependencies, and says which one is in the way (SPEC B)', () => {
  const database = { passed: false, duration: '3ms', error: 'The connection was refused (connect_refused)' };
  const obstacle = 'dependency database is unhealthy';
  const { view, whole } = operations({ readyChecks: { database }, obstacle });
  const reply = view.readiness();
  assert.equal(reply.status, 503);
  const { timestamp: _, ...rest } = JSON.parse(reply.body) as Record<string, unknown>;
  assert.deepEqual(rest, { ready: false, checks: { database }, message: obstacle });
  view.update({ ...whole, obstacle: null });
  assert.equal(view.readiness().status, 200);
  view.update({ ...whole, ready: false, message: 'shutting down' });
  assert.match(view.readiness().body, /"message":"shutting down"/);
});

test('a worker is alive while main shows signs of life, and not when it was silent for 10 s', () => {
  const { view, heartbeats } = operations();
  heartbeats.beat(heartbeats.main, steadyMs());
  assert.equal(view.liveness().status, 200);
  heartbeats.beat(heartbeats.main, steadyMs() - 10_500);
  const reply = view.liveness();
  assert.equal(reply.status, 503);
  assert.match(reply.body, /"alive":false.*no sign of life for 1[01] s/);
});

test("main's metrics are given in the format that was asked for", async () => {
  const asked: number[] = [];
  const { view } = operations({}, asked);
  const text = view.metrics('');
  const open = view.metrics('application/openmetrics-text;version=1.0.0');
  for (const id of asked.toReversed()) view.settle(id, `metrics ${id}`);
  const replies = await Promise.all([text, open]);
  assert.deepEqual(
    replies.map((reply) =>
      typeof reply === 'string' ? reply : [reply.status, reply.body, reply.fields.split(';')[0]],
    ),
    [
      [200, 'metrics 1', 'Content-Type: text/plain'],
      [200, 'metrics 2', 'Content-Type: application/openmetrics-text'],
    ],
  );
});

test('metrics that main cannot give in 2 s are a failure, and a late answer goes nowhere', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { view } = operations();
  const late = view.metrics('');
  context.mock.timers.tick(2_000);
  assert.equal(await late, 'metrics_timeout');
  view.settle(1, 'late');
  const refused = view.metrics('');
  view.settle(2, null);
  assert.equal(await refused, 'metrics_timeout');
});
