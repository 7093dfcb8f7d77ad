import assert from 'node:assert/strict';
import test from 'node:test';

import { checkFailureNumber } from '../../../base/errors/check-failures.ts';
import { BackendFactsTable, createBackendFactsRegion } from '../../../shared-memory/backend-facts.ts';
import { CheckFactsTable, createCheckFactsRegion } from '../../../shared-memory/check-facts.ts';
import { OutcomeRecorder } from '../../upstream/backend-outcome.ts';
import { BackendReports, type ReportedRoute, UNKNOWN_BACKENDS } from './backend-reports.ts';

const NO_CONNECTIONS = { active: 0, idle: 0, pending: 0 };
const A = { place: 0, name: 'http://10.0.0.1:80' };
const B = { place: 1, name: 'http://10.0.0.2:80' };

function route(name: string, host: string, backends: readonly (typeof A)[], path = '/'): ReportedRoute {
  return { name, match: { host, path: { value: path } }, targets: backends.map((backend) => ({ weight: 1, backend })) };
}

/** Reports over two workers' memory; `a` and `b` record in different workers. */
function reports(routes: readonly ReportedRoute[]) {
  const regions = { workers: 2, backendFacts: createBackendFactsRegion(2), checkFacts: createCheckFactsRegion() };
  const checks = new CheckFactsTable(regions);
  const reader = new BackendFactsTable(regions, -1);
  const recorder = (row: number, place: number) => new OutcomeRecorder(new BackendFactsTable(regions, row), place);
  return {
    a: recorder(0, A.place),
    b: recorder(1, B.place),
    checks,
    reports: new BackendReports(
      routes,
      {
        facts: (place) => reader.read(place),
        checks: (place) => checks.read(place),
        gate: () => null,
        connections: () => NO_CONNECTIONS,
      },
      true,
    ),
  };
}

test('a backend that nobody has asked yet counts as healthy', () => {
  const { reports: all } = reports([route('r', 'a.example', [A])]);
  assert.deepEqual(all.ofHost('a.example'), {
    host: 'a.example',
    status: 'healthy',
    backends: [
      {
        backend: A.name,
        healthy: true,
        last_check: null,
        response_time: null,
        consecutive_failures: 0,
        consecutive_successes: 0,
        status_code: null,
        error: null,
        circuit: 'closed',
      },
    ],
  });
});

test('three failures in a row make a backend unhealthy, two successes healthy again', () => {
  const { a, reports: all } = reports([route('r', 'a.example', [A])]);
  const healthy = (): unknown => all.ofHost('a.example')?.backends[0]?.healthy;
  const seen: unknown[] = [];
  for (let i = 0; i < 3; i++) {
    a.failed('backend_connect_refused', 1);
    seen.push(healthy());
  }
  for (let i = 0; i < 2; i++) {
    a.answered(200, 1);
    seen.push(healthy());
  }
  assert.deepEqual(seen, [true, true, false, false, true]);
});

test('a failure says why, an answer says its status; 502, 503 and 504 of a backend are failures, other statuses are not', () => {
  const { a, reports: all } = reports([route('r', 'a.example', [A])]);
  const last = () => {
    const { status_code, error, consecutive_failures, response_time } = all.ofHost('a.example')?.backends[0] ?? {};
    return [status_code, error, consecutive_failures, response_time];
  };
  a.failed('backend_connect_refused', -1);
  assert.deepEqual(last(), [null, 'The backend refused the connection (backend_connect_refused)', 1, null]);
  a.answered(503, 1.23456);
  assert.deepEqual(last(), [503, 'The backend answered 503', 2, 1.235]);
  for (const status of [200, 404, 500, 101]) {
    a.answered(status, 3);
    assert.deepEqual(last(), [status, null, 0, 3]);
  }
});

test("what is not the backend's fault is not held against it", () => {
  const { a, reports: all } = reports([route('r', 'a.example', [A])]);
  for (const code of ['backend_pool_timeout', 'route_timeout', 'internal_defect'] as const) a.failed(code, 1);
  assert.equal(all.ofHost('a.example')?.backends[0]?.last_check, null);
});

test('a host is degraded while some of its backends are healthy, unhealthy when none is', () => {
  const { a, b, reports: all } = reports([route('r', 'a.example', [A, B])]);
  for (let i = 0; i < 3; i++) a.failed('backend_timeout', 1);
  assert.equal(all.ofHost('a.example')?.status, 'degraded');
  for (let i = 0; i < 3; i++) b.failed('backend_timeout', 1);
  assert.equal(all.ofHost('a.example')?.status, 'unhealthy');
});

test('hosts are found as the router finds them: by name, else by the longest wildcard; any-host routes are `*`', () => {
  const { reports: all } = reports([
    route('1', 'a.example', [A]),
    route('2', 'a.example', [A, B], '/x'),
    route('3', '*.example', [B]),
    route('4', '*.deep.example', []),
    route('5', '*', [A]),
  ]);
  const names = (host: string): unknown => all.ofHost(host)?.backends.map(({ backend }) => backend) ?? null;
  assert.deepEqual(names('a.example'), [A.name, B.name]);
  assert.deepEqual(names('b.example'), [B.name]);
  assert.deepEqual(names('x.deep.example'), []);
  assert.deepEqual(names('*'), [A.name]);
  assert.deepEqual(names('*.example'), [B.name]);
  for (const host of ['example', 'other.test', 'localhost']) assert.equal(names(host), null, host);
  assert.equal(all.ofHost('x.deep.example')?.status, 'healthy');
});

test('the list has every backend once, with its connections and all routes that use it', () => {
  const { reports: all } = reports([route('1', 'a.example', [A, B]), route('2', '*', [B], '/x')]);
  assert.deepEqual(
    all.all().map(({ backend, connections, routes }) => [backend, connections, routes]),
    [
      [A.name, NO_CONNECTIONS, [{ name: '1', host: 'a.example', path: '/', weight: 1 }]],
      [
        B.name,
        NO_CONNECTIONS,
        [
          { name: '1', host: 'a.example', path: '/', weight: 1 },
          { name: '2', host: '*', path: '/x', weight: 1 },
        ],
      ],
    ],
  );
});

test('nothing of the routes is kept but what is shown: a worker empties their list', () => {
  const routes = [route('1', 'a.example', [A])];
  const { reports: all } = reports(routes);
  routes.splice(0);
  assert.equal(all.ofHost('a.example')?.backends.length, 1);
  assert.equal(all.all()[0]?.routes.length, 1);
  const short = new BackendReports([route('1', 'a.example', [A])], UNKNOWN_BACKENDS, false);
  assert.deepEqual([short.ofHost('a.example')?.backends.length, short.all()[0]?.routes], [1, []]);
});

test('where a backend is checked the checks say how it is, and not the traffic', () => {
  const { a, checks, reports: all } = reports([route('r', 'a.example', [A])]);
  const report = () => all.ofHost('a.example')?.backends[0];
  for (let i = 0; i < 3; i++) a.failed('backend_connect_refused', 1);
  assert.equal(report()?.healthy, false);
  checks.write(A.place, {
    isHealthy: true,
    atMs: 0,
    durationMs: 0,
    status: 0,
    reason: -1,
    consecutiveSuccesses: 0,
    consecutiveFailures: 0,
  });
  assert.deepEqual(report(), {
    backend: A.name,
    healthy: true,
    last_check: null,
    response_time: null,
    consecutive_failures: 0,
    consecutive_successes: 0,
    status_code: null,
    error: null,
    circuit: 'closed',
  });
  checks.write(A.place, {
    isHealthy: false,
    atMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    durationMs: 1.23456,
    status: 500,
    reason: checkFailureNumber('status_unexpected'),
    consecutiveSuccesses: 0,
    consecutiveFailures: 4,
  });
  assert.deepEqual(report(), {
    backend: A.name,
    healthy: false,
    last_check: '2026-01-02T03:04:05Z',
    response_time: 1.235,
    consecutive_failures: 4,
    consecutive_successes: 0,
    status_code: 500,
    error: 'The answer has another status than expected (status_unexpected)',
    circuit: 'closed',
  });
  checks.clear(A.place);
  assert.equal(report()?.consecutive_failures, 3);
});
