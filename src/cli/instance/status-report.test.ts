import assert from 'node:assert/strict';
import test from 'node:test';

import { plainStyle } from '../text/style.ts';
import { parseSamples, SampleSet } from './samples.ts';
import { trafficReport } from './status-report.ts';
import type { Reading, StatusReport } from './status-report.ts';
import { statusText } from './status-text.ts';

function readingAt(atMs: number, text: string): Reading {
  return { atMs, samples: new SampleSet(parseSamples(text)) };
}

const FIRST = readingAt(
  1_000,
  `rwwwrse_requests_total{method="GET",path="/",status="200"} 100
rwwwrse_backend_requests_total{backend="http://a:1",status="200"} 90
`,
);
const LAST = readingAt(
  3_000,
  `rwwwrse_requests_total{method="GET",path="/",status="200"} 110
rwwwrse_requests_total{method="GET",path="/",status="404"} 4
rwwwrse_requests_total{method="GET",path="/",status="502"} 6
rwwwrse_requests_total{method="GET",path="/metrics",status="200"} 1000
rwwwrse_requests_total{method="GET",path="/health",status="503"} 5
rwwwrse_endpoint_requests_total{status="200"} 1000
rwwwrse_endpoint_requests_total{status="503"} 3
rwwwrse_backend_requests_total{backend="http://a:1",status="200"} 96
rwwwrse_backend_requests_total{backend="http://a:1",status="502"} 4
rwwwrse_backend_requests_total{backend="http://b:1",status="404"} 1
rwwwrse_backend_response_time{backend="http://a:1",quantile="0.95"} 0.0121
rwwwrse_backend_response_time{backend="http://b:1",quantile="0.95"} NaN
rwwwrse_backend_connections{backend="http://a:1",state="active"} 3
rwwwrse_backend_connections{backend="http://a:1",state="idle"} 2
rwwwrse_backend_connections{backend="http://a:1",state="pending"} 1
rwwwrse_active_connections 12
rwwwrse_active_requests 3
rwwwrse_upstream_connections_active 3
rwwwrse_upstream_connections_idle 2
rwwwrse_worker_restarts_total 1
rwwwrse_failures_total{code="backend_timeout",fault="backend"} 6
rwwwrse_failures_total{code="client_abort_body",fault="client"} 40
rwwwrse_failures_total{code="host_not_configured",fault="client"} 4
rwwwrse_failures_total{code="internal_defect",fault="proxy"} 0
rwwwrse_failures_recent{code="backend_timeout",fault="backend"} 5
rwwwrse_failures_recent{code="host_not_configured",fault="client"} 4
memory_usage_bytes 104857600
`,
);

test('rates are what was added between two readings; what the own endpoints answered does not count, whatever its path', () => {
  const { requests, clientErrors, serverErrors } = trafficReport(FIRST, LAST);
  assert.deepEqual(requests, { total: 122, perSecond: 11 });
  assert.deepEqual(clientErrors, { total: 4, perSecond: 2 });
  assert.deepEqual(serverErrors, { total: 8, perSecond: 4 });
});

test('a restart between the readings makes no negative rate, one reading makes none at all', () => {
  assert.equal(trafficReport(LAST, { ...FIRST, atMs: 5_000 }).requests.perSecond, 0);
  assert.deepEqual(trafficReport(null, LAST).requests, { total: 122, perSecond: null });
});

test('each backend has its attempts, its failures (5xx alone), its slow answers and its connections', () => {
  const [first, second] = trafficReport(FIRST, LAST).backends;
  assert.deepEqual(first, {
    name: 'http://a:1',
    requests: { total: 100, perSecond: 5 },
    failures: { total: 4, perSecond: 2 },
    p95Seconds: 0.0121,
    connections: { active: 3, idle: 2, pending: 1 },
  });
  assert.equal(second?.failures.total, 0);
  assert.equal(second.p95Seconds, null);
  assert.deepEqual(second.connections, { active: null, idle: null, pending: null });
});

test('failures come with the side at fault, those of the last minutes first, and not at all when there were none', () => {
  const { failures } = trafficReport(FIRST, LAST);
  assert.deepEqual(
    failures.map(({ code, fault, recent, total }) => [code, fault, recent, total]),
    [
      ['backend_timeout', 'backend', 5, 6],
      ['host_not_configured', 'client', 4, 4],
      ['client_abort_body', 'client', 0, 40],
    ],
  );
});

const REPORT: StatusReport = {
  running: true,
  at: 'http://127.0.0.1:9090',
  version: '1.0.0',
  nodeVersion: 'v26.10.0',
  pid: 4711,
  health: 'healthy',
  ready: true,
  message: 'ready',
  uptime: '2h0m3s',
  listeners: [{ name: 'main', address: '0.0.0.0:8080' }],
  traffic: trafficReport(FIRST, LAST),
  trafficMissing: null,
};

test('a status is one line of verdict, then facts, then the backends', () => {
  assert.equal(
    statusText(REPORT, plainStyle),
    `rwwwrse 1.0.0 at http://127.0.0.1:9090: healthy, ready
  uptime       2h0m3s
  pid          4711
  node         v26.10.0
  listeners    main 0.0.0.0:8080
  requests     11.0 per second, 122 in all
  errors       5xx 4.0 per second, 8 in all (6.56 %); 4xx 2.0 per second, 4 in all (3.28 %)
  connections  12 from clients, 3 requests in flight, 3 to backends in use, 2 idle
  memory       100 MiB
  troubles     1 worker restart

Failures (rwwwrse errors CODE explains)
  CODE                 FAULT    LAST 5 MIN  IN ALL
  backend_timeout      backend           5       6
  host_not_configured  client            4       4

Backends
  BACKEND     REQUESTS  PER SECOND  FAILED  SHARE    P95  IN USE  IDLE  WAITING
  http://a:1       100         5.0       4    4 %  13 ms       3     2        1
  http://b:1         1         0.5       0    0 %      -       -     -        -
`,
  );
});

test('an instance that is not ready says why; traffic that cannot be read says why', () => {
  const drained = { ...REPORT, ready: false, message: 'shutting down', traffic: null, trafficMissing: 'refused (403)' };
  const text = statusText(drained, plainStyle);
  assert.match(text, /: healthy, not ready \(shutting down\)\n/);
  assert.match(text, /traffic +not known: refused \(403\)\n/);
});
