import assert from 'node:assert/strict';
import test from 'node:test';

import { parsedHead } from '../../../../tests/support/parsed-head.ts';
import { splitTarget } from '../../../base/http/request-path.ts';
import type { EndpointSettings } from '../../../config/resolved-config.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { Verdict } from '../../exchange/filter.ts';
import type { Reply } from '../../exchange/reply.ts';
import { BackendReports } from './backend-reports.ts';
import { createEndpointsFilter } from './endpoints-filter.ts';

const SETTINGS = {
  healthEnabled: true,
  healthPath: '/health',
  readinessPath: '/ready',
  readinessRequiresBackends: false,
  livenessPath: '/live',
  metricsEnabled: true,
  metricsPath: '/metrics',
  debugEnabled: false,
} as EndpointSettings;

const reply = (body: string): Reply => ({ status: 200, fields: '', body });
const VIEW = {
  health: () => reply('health'),
  readiness: () => reply('ready'),
  liveness: () => reply('live'),
  metrics: (accept: string) => Promise.resolve(reply(`metrics for ${accept}`)),
};
const BACKEND = { place: 0, name: 'http://10.0.0.1:80' };
const REPORTS = new BackendReports(
  [{ name: 'r', match: { host: 'routed.example', path: { value: '/' } }, targets: [{ weight: 1, backend: BACKEND }] }],
  { facts: () => null, checks: () => null, gate: () => null, connections: () => ({ active: 1, idle: 2, pending: 3 }) },
  true,
);

interface Asking {
  readonly method?: string;
  readonly host?: string;
  readonly role?: 'traffic' | 'operations';
  readonly peer?: string;
  readonly lines?: readonly string[];
  readonly settings?: Partial<EndpointSettings>;
}

/** The filter's word, and the `path` label that the exchange is counted under. */
async function ask(target: string, asking: Asking = {}): Promise<{ verdict: Verdict; label: string | null }> {
  const { method = 'GET', host = 'localhost', role = 'traffic', peer = '127.0.0.1', lines = [] } = asking;
  let label: string | null = null;
  const filter = createEndpointsFilter({
    settings: { ...SETTINGS, ...asking.settings },
    view: VIEW,
    backends: REPORTS,
    isRouted: (name) => name === 'routed.example' || name === 'localhost' || name === 'pod-1',
    mayReadMetrics: (address) => address === '10.0.0.9',
    ownHostname: 'pod-1',
    seriesOf: (text) => ({ record: () => (label = text) }),
  });
  const { path, ambiguity } = splitTarget(target);
  const exchange = {
    head: parsedHead(`${method} ${target}`, host, lines),
    path,
    ambiguity,
    traits: { settings: { role } },
    peerAddress: peer,
    clientAddress: peer,
    series: null,
  } as unknown as Exchange;
  const verdict = (await filter.request?.(exchange)) ?? null;
  exchange.series?.record(0, 0, 0);
  return { verdict, label };
}

async function bodyOf(target: string, asking?: Asking): Promise<string> {
  const { verdict } = await ask(target, asking);
  assert.ok(verdict !== null && typeof verdict === 'object', `${target}: ${JSON.stringify(verdict)}`);
  return verdict.body;
}

async function wordOf(target: string, asking?: Asking): Promise<string | null> {
  const { verdict } = await ask(target, asking);
  assert.ok(verdict === null || typeof verdict === 'string', target);
  return verdict;
}

test('the endpoints answer GET and HEAD, with a query too; health also with a slash at its end', async () => {
  for (const method of ['GET', 'HEAD']) {
    assert.equal(await bodyOf('/health', { method }), 'health');
    assert.equal(await bodyOf('/ready?verbose', { method }), 'ready');
    assert.equal(await bodyOf('/live', { method }), 'live');
    assert.equal(await bodyOf('/metrics', { method, lines: ['Accept: a/b', 'Accept: c/d'] }), 'metrics for a/b, c/d');
  }
  assert.equal(await bodyOf('/health/?x'), 'health');
  assert.equal(await bodyOf('/%68ealth'), 'health');
});

test('any other method is refused, also on the path of a host', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'get']) {
    for (const path of ['/health', '/metrics', '/health/routed.example'])
      assert.equal(await wordOf(path, { method }), 'endpoint_method_refused', `${method} ${path}`);
  }
});

test('the paths are ours on localhost, addresses, the own name and names without a route (SPEC B, ownership rule)', async () => {
  for (const host of [
    'localhost',
    'localhost:8080',
    '127.0.0.1',
    '10.1.2.3:80',
    '[::1]:80',
    'pod-1',
    'other.example',
  ]) {
    assert.equal(await bodyOf('/health', { host }), 'health', host);
    assert.equal((await ask('/health/routed.example', { host })).label, '/health/{host}', host);
  }
  for (const path of ['/health', '/ready', '/live', '/metrics', '/health/routed.example'])
    assert.equal(await wordOf(path, { host: 'routed.example', method: 'POST' }), null, path);
});

test('a listener for operations owns the paths for every host and has nothing else', async () => {
  assert.equal(await bodyOf('/health', { host: 'routed.example', role: 'operations' }), 'health');
  for (const path of ['/', '/other', '/health/a/b', '/debug/backends'])
    assert.equal(await wordOf(path, { role: 'operations' }), 'endpoint_not_found', path);
});

test('a path that is not ours, or that can be read in two ways, goes on to the routes', async () => {
  for (const path of [
    '/healthy',
    '/health/a/b',
    '/ready/',
    '/metrics/x',
    '/debug/backends',
    '/status',
    '/health/..',
    '/health//',
  ])
    assert.equal(await wordOf(path), null, path);
});

test('health endpoints that are switched off are ordinary paths', async () => {
  const off = { settings: { healthEnabled: false } };
  for (const path of ['/health', '/health/routed.example', '/ready', '/live'])
    assert.equal(await wordOf(path, off), null, path);
});

test('the metrics that are switched off are not found, whatever the default backend would answer (S43)', async () => {
  assert.equal(await wordOf('/metrics', { settings: { metricsEnabled: false } }), 'endpoint_not_found');
});

test('the path of the health of hosts moves with health.path', async () => {
  const moved = { settings: { healthPath: '/-/ok' } };
  assert.equal(await bodyOf('/-/ok', moved), 'health');
  assert.match(await bodyOf('/-/ok/routed.example', moved), /"host":"routed\.example"/);
  assert.equal(await wordOf('/health/routed.example', moved), null);
  assert.equal(await wordOf('/routed.example', { settings: { healthPath: '/' } }), null);
});

test('/health/<host> takes a host as a Host field would: any case, port and escapes; unknown hosts are 404', async () => {
  for (const segment of [
    'routed.example',
    'Routed.EXAMPLE:8080',
    'routed%2Eexample',
    'routed.example%3A80',
    'routed.example.',
  ]) {
    const body = JSON.parse(await bodyOf(`/health/${segment}`)) as Record<string, unknown>;
    assert.deepEqual([body.host, body.status], ['routed.example', 'healthy'], segment);
    assert.equal((body.backends as { backend: string }[])[0]?.backend, BACKEND.name);
  }
  for (const segment of ['other.example', '%FF', 'a@b', '*'])
    assert.equal(await wordOf(`/health/${segment}`), 'host_not_configured');
});

test('strangers see how a host is, but not its backends', async () => {
  const stranger = { host: '192.0.2.1', peer: '203.0.113.9' };
  assert.equal(await bodyOf('/health/routed.example', stranger), '{"host":"routed.example","status":"healthy"}\n');
  assert.equal(await bodyOf('/health', stranger), 'health');
});

test('metrics are for insiders', async () => {
  assert.equal(await wordOf('/metrics', { peer: '203.0.113.9' }), 'endpoint_forbidden');
  assert.equal(await wordOf('/metrics', { lines: ['X-Forwarded-For: 10.0.0.9'] }), 'endpoint_forbidden');
  assert.equal(await bodyOf('/metrics', { peer: '10.0.0.9' }), 'metrics for ');
});

test('/debug/backends exists in debug mode only, and is for insiders', async () => {
  const settings = { debugEnabled: true };
  const list = JSON.parse(await bodyOf('/debug/backends', { settings })) as { backends: Record<string, unknown>[] };
  assert.deepEqual(list.backends[0]?.connections, { active: 1, idle: 2, pending: 3 });
  assert.equal(await wordOf('/debug/backends', { settings, peer: '203.0.113.9' }), 'endpoint_forbidden');
  assert.equal(await wordOf('/debug/backends', { settings, host: 'routed.example' }), null);
});
