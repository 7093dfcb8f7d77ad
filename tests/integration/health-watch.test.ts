import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import type { DependencySettings, HealthCheckSettings } from '../../src/config/resilience-settings.ts';
import { HealthWatch } from '../../src/controlplane/probes/health-watch.ts';
import type { TrafficPlan } from '../../src/dataplane/snapshot/traffic-plan.ts';
import type { BackendTarget } from '../../src/dataplane/upstream/registry.ts';
import { BackendGates } from '../../src/shared-memory/backend-gates.ts';
import { CheckFactsTable } from '../../src/shared-memory/check-facts.ts';
import { createRegions } from '../../src/shared-memory/regions.ts';
import type { ApplicationLog } from '../../src/telemetry/logs/application-log.ts';
import { HEALTHY_PROGRAM, type OperationsHealth } from '../../src/telemetry/operations-state.ts';
import { freePort } from '../support/free-port.ts';
import { startHttpBackend } from '../support/http-backend.ts';
import { PLAIN_POLICY } from '../support/off-settings.ts';
import { until } from '../support/until.ts';

const SETTINGS: HealthCheckSettings = {
  kind: 'http',
  method: 'GET',
  path: '/',
  host: null,
  headers: [],
  intervalMs: 50,
  timeoutMs: 2_000,
  unhealthyThreshold: 2,
  healthyThreshold: 2,
  expectedStatuses: [{ from: 200, to: 299 }],
  expectedBody: null,
  initial: 'healthy',
};

interface Line {
  readonly level: string;
  readonly message: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A watch over real memory, what it tells, and what workers would read. */
function rig(context: TestContext) {
  const regions = createRegions(1);
  const lines: Line[] = [];
  const write =
    (level: string) =>
    (message: string, values: Record<string, unknown> = {}): void =>
      void lines.push({ level, message, values });
  const log = { debug: write('debug'), info: write('info'), warn: write('warn') } as unknown as ApplicationLog;
  let health: OperationsHealth = HEALTHY_PROGRAM;
  const gates = new BackendGates(regions);
  const watch = new HealthWatch({
    regions,
    flags: gates,
    log,
    lookup: () => Promise.resolve([]),
    healthChanged: (now) => (health = now),
  });
  context.after(() => watch.stop());
  return {
    watch,
    gates,
    facts: new CheckFactsTable(regions),
    health: () => health,
    told: (message: string) => lines.filter((line) => line.message === message),
    apply: (
      targets: readonly BackendTarget[],
      dependencies: readonly DependencySettings[] = [],
      readinessRequiresBackends = false,
    ) =>
      watch.apply(
        {
          endpoints: { readinessRequiresBackends },
          routes: [{ targets: targets.map((backend) => ({ backend, weight: 1 })) }],
        } as unknown as TrafficPlan,
        dependencies,
      ),
  };
}

function targetOf(index: number, port: number, settings: Partial<HealthCheckSettings> = {}, name = ''): BackendTarget {
  return {
    index,
    series: index,
    place: index,
    name: name === '' ? `http://b${index}` : name,
    authority: 'b',
    basePath: '',
    addresses: [{ host: '127.0.0.1', port }],
    tlsName: null,
    policy: { ...PLAIN_POLICY, healthCheck: { ...SETTINGS, ...settings } },
  };
}

/** A backend whose status the test changes. */
async function startSwitched(context: TestContext) {
  const state = { status: 200 };
  const backend = await startHttpBackend(context, (_, response) => response.writeHead(state.status).end());
  return { backend, state, port: backend.port };
}

test('workers see the flag of a backend from the threshold on, and until it recovered; every change is logged once', async (context) => {
  const { gates, facts, told, apply, health } = rig(context);
  const { port, state, backend } = await startSwitched(context);
  apply([targetOf(0, port)]);
  await until('checked', () => facts.read(0)?.status === 200);
  assert.equal(gates.isUnhealthy(0), false);
  state.status = 500;
  await until('out', () => gates.isUnhealthy(0));
  assert.equal(health().status, 'unhealthy');
  const failing = facts.read(0);
  assert.deepEqual([failing?.isHealthy, failing?.status, failing?.consecutiveSuccesses], [false, 500, 0]);
  const asked = backend.requests;
  await until('five more checks', () => backend.requests > asked + 5);
  state.status = 204;
  await until('back', () => !gates.isUnhealthy(0));
  assert.equal(health().status, 'healthy');
  const seen = ['backend is degraded', 'backend is unhealthy', 'backend is healthy'].map((message) =>
    told(message).map(({ level, values }) => [level, values.backend, values.event, values.code, values.status]),
  );
  assert.deepEqual(seen, [
    [['info', 'http://b0', 'degraded', 'status_unexpected', 500]],
    [['warn', 'http://b0', 'failed', 'status_unexpected', 500]],
    [['info', 'http://b0', 'recovered', undefined, 204]],
  ]);
  assert.ok(told('health check failed').every(({ level }) => level === 'debug'));
});

test('a new plan leaves the checks alone that it has in common with the one before', async (context) => {
  const { gates, facts, apply, told } = rig(context);
  const stays = await startSwitched(context);
  const goes = await startSwitched(context);
  stays.state.status = 500;
  goes.state.status = 500;
  apply([targetOf(0, stays.port), targetOf(1, goes.port)]);
  await until('both are out', () => gates.isUnhealthy(0) && gates.isUnhealthy(1));
  await until('many failures', () => (facts.read(0)?.consecutiveFailures ?? 0) > 3);
  const before = facts.read(0)?.consecutiveFailures ?? 0;
  apply([targetOf(0, stays.port)]);
  assert.equal(gates.isUnhealthy(0), true, 'its state lives on');
  assert.ok((facts.read(0)?.consecutiveFailures ?? 0) >= before);
  assert.equal(gates.isUnhealthy(1), false, 'what nobody checks is not called unhealthy');
  assert.equal(facts.read(1), null);
  const asked = goes.backend.requests;
  const others = stays.backend.requests;
  await until('the other one goes on', () => stays.backend.requests > others + 5);
  assert.ok(goes.backend.requests <= asked + 1, 'one check may have been under way; no more are begun');
  goes.state.status = 200;
  apply([targetOf(0, stays.port), targetOf(1, goes.port)]);
  assert.deepEqual(facts.read(1)?.consecutiveFailures, 0, 'what comes back begins anew');
  await until('it is asked again', () => facts.read(1)?.status === 200);
  assert.equal(told('health checks started').length, 2);
  assert.equal(told('health checks stopped').length, 1);
});

test('a backend that moved is asked at its new address, and keeps its state', async (context) => {
  const { gates, facts, apply } = rig(context);
  const { port, backend } = await startSwitched(context);
  const nowhere = await freePort();
  apply([targetOf(0, nowhere)]);
  await until('it is out', () => gates.isUnhealthy(0));
  apply([targetOf(0, port)]);
  assert.equal(gates.isUnhealthy(0), true);
  await until('it is back', () => !gates.isUnhealthy(0));
  assert.ok(backend.requests > 0 && facts.read(0)?.status === 200);
});

test('another check of the same backend begins anew', async (context) => {
  const { gates, facts, apply } = rig(context);
  const { port, state } = await startSwitched(context);
  state.status = 404;
  apply([targetOf(0, port)]);
  await until('it is out', () => gates.isUnhealthy(0));
  apply([targetOf(0, port, { expectedStatuses: [{ from: 200, to: 499 }] })]);
  assert.equal(gates.isUnhealthy(0), false);
  await until('the new check passed', () => (facts.read(0)?.consecutiveSuccesses ?? 0) >= 1);
});

test('a backend that starts as unhealthy gets no flag taken away before its first check passed', async (context) => {
  const { gates, apply, watch } = rig(context);
  const { port } = await startSwitched(context);
  apply([targetOf(0, port, { initial: 'unhealthy' }), targetOf(1, await freePort(), { initial: 'unhealthy' })]);
  assert.deepEqual([gates.isUnhealthy(0), gates.isUnhealthy(1)], [true, true]);
  await watch.firstChecks();
  assert.deepEqual([gates.isUnhealthy(0), gates.isUnhealthy(1)], [false, true]);
});

test('a backend that hangs keeps no other waiting, and a stop waits for none', async (context) => {
  const { facts, apply, watch } = rig(context);
  const quick = await startSwitched(context);
  const hanging = await startHttpBackend(context, () => undefined);
  const hung = Array.from({ length: 100 }, (_, i) => targetOf(i + 1, hanging.port, { timeoutMs: 60_000 }));
  apply([...hung, targetOf(0, quick.port)]);
  await until('the quick one is checked again and again', () => (facts.read(0)?.consecutiveSuccesses ?? 0) > 3);
  await until('all others are asked', () => hanging.requests === 100);
  assert.deepEqual(facts.read(1)?.atMs, 0);
  watch.stop();
});

test('backends that share a name are one series, which is down when one of them is', async (context) => {
  const { watch, apply, facts } = rig(context);
  const { port } = await startSwitched(context);
  const strict = { expectedStatuses: [{ from: 500, to: 599 }] };
  apply([targetOf(0, port, strict, 'http://same'), targetOf(1, port, {}, 'http://same'), targetOf(2, port)]);
  await until('all are checked', () => [0, 1, 2].every((index) => (facts.read(index)?.atMs ?? 0) > 0));
  assert.deepEqual(
    [...watch.backendStates()],
    [
      ['http://same', false],
      ['http://b2', true],
    ],
  );
  const same = watch.checkCounts().find(({ target }) => target === 'http://same');
  assert.ok(same !== undefined && same.passed > 0 && same.failed > 0);
  assert.equal(
    same.counts.reduce((sum, count) => sum + count, 0),
    same.passed + same.failed,
  );
});

test('dependencies are kept, begun and ended by name and settings, too', async (context) => {
  const { apply, health, told } = rig(context);
  const { port, state } = await startSwitched(context);
  const dependency = (name: string, required: boolean): DependencySettings => ({
    name,
    kind: 'http',
    url: `http://127.0.0.1:${port}/`,
    intervalMs: 50,
    timeoutMs: 2_000,
    unhealthyThreshold: 1,
    healthyThreshold: 1,
    expectedStatuses: [{ from: 200, to: 299 }],
    required,
  });
  apply([], [dependency('one', true), dependency('two', false)]);
  assert.deepEqual(health().checks, { one: 'unknown', two: 'unknown' });
  await until('both are healthy', () => Object.values(health().checks).every((status) => status === 'healthy'));
  state.status = 503;
  await until('both are unhealthy', () => Object.values(health().checks).every((status) => status === 'unhealthy'));
  assert.deepEqual([health().status, health().obstacle], ['unhealthy', 'dependency one is unhealthy']);
  apply([], [dependency('two', false)]);
  assert.deepEqual([health().status, health().obstacle, health().checks], ['degraded', null, { two: 'unhealthy' }]);
  apply([], []);
  assert.deepEqual(health(), HEALTHY_PROGRAM);
  assert.equal(told('dependency is unhealthy').length, 2);
});

test('where readiness asks for backends, the program is in the way of nobody as long as one of them is healthy', async (context) => {
  const { apply, health, gates } = rig(context);
  const first = await startSwitched(context);
  const second = await startSwitched(context);
  second.state.status = 500;
  const targets = [targetOf(0, first.port), targetOf(1, second.port)];
  apply(targets, [], true);
  await until('one is out', () => gates.isUnhealthy(1));
  assert.equal(health().obstacle, null);
  first.state.status = 500;
  await until('the program is unready', () => health().obstacle === 'no backend is healthy');
  apply(targets, [], false);
  assert.deepEqual([health().obstacle, health().status], [null, 'unhealthy'], 'by a reload at once');
});
