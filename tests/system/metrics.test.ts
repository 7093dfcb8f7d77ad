import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { CATALOGUE } from '../../src/telemetry/metrics/catalogue.ts';
import type { MetricFamily } from '../../src/telemetry/metrics/metric-family.ts';
import { startHeldBackend } from '../support/held-backend.ts';
import { getOnce, RawConnection } from '../support/http-client.ts';
import { INSPECT, runInWorker } from '../support/inspector.ts';
import { readMetrics, sumOf } from '../support/metrics.ts';
import { openMetricsFaults } from '../support/openmetrics.ts';
import { type Program, startProgram } from '../support/program.ts';
import { startPrometheus } from '../support/prometheus-server.ts';
import { MISSING_PROMETHEUS, promtoolComplaints } from '../support/promtool.ts';
import { until } from '../support/until.ts';
import { createFolder, startWithYaml } from '../support/yaml-program.ts';

const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

async function start(context: TestContext, env: Record<string, string> = {}, nodeFlags: readonly string[] = []) {
  const backend = await startHeldBackend(context);
  const program = await startProgram(context, { nodeFlags, env: { RWWWRSE_DEFAULT_BACKEND: backend.url, ...env } });
  return { backend, program, port: program.port };
}

/** Sends requests, 20 at a time, each on a connection of its own, so that both workers get some. */
async function sendAll(port: number, paths: readonly string[]): Promise<void> {
  for (let i = 0; i < paths.length; i += 20) {
    const answers = await Promise.all(paths.slice(i, i + 20).map((path) => getOnce(port, path)));
    for (const { status } of answers) assert.equal(status, 200);
  }
}

async function ask(port: number, accept: string): Promise<{ type: string | null; body: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: accept === '' ? {} : { accept } });
  assert.equal(answer.status, 200);
  return { type: answer.headers.get('content-type'), body: await answer.text() };
}

/** Label names of the series of a metric; those that its type adds left out. */
function labelSets(body: string, { name, type }: MetricFamily): string[] {
  const endings = { counter: [''], gauge: [''], histogram: ['_bucket'], summary: ['', '_sum'] }[type];
  const own = new Set(['le', 'quantile']);
  const sets = body.split('\n').flatMap((line) => {
    const [, found, labels = ''] = /^([a-z_]+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (found === undefined || !endings.some((ending) => found === name + ending)) return [];
    const names = Array.from(labels.matchAll(/([a-z_]+)="(?:[^"\\]|\\.)*"/g), ([, label = '']) => label);
    return [names.filter((label) => !own.has(label)).join(' ')];
  });
  return [...new Set(sets)];
}

/** Metrics of what does not happen here: nothing fails or has to wait. */
const ABSENT: ReadonlySet<string> = new Set([
  'backendFailures',
  'backendQueue',
  'failuresRecent',
] satisfies (keyof typeof CATALOGUE)[]);

test('S35-S42: every metric of the catalogue is there with exactly its labels, and the totals of two workers are exact', async (context) => {
  const checked = await startHeldBackend(context);
  const { backend, port } = await start(context, {
    RWWWRSE_HEALTH_CHECK_ENABLED: 'true',
    RWWWRSE_HEALTH_EXTERNAL_API_URL: `${checked.url}/`,
  });
  await sendAll(port, [...Array.from({ length: 60 }, (_, i) => `/items/${i}?page=${i}`), '/health']);
  const { type, body } = await ask(port, '');
  assert.equal(type, 'text/plain; version=0.0.4; charset=utf-8');
  for (const [key, family] of Object.entries(CATALOGUE))
    assert.deepEqual(labelSets(body, family), ABSENT.has(key) ? [] : [family.labels.join(' ')], family.name);
  const told = Array.from(body.matchAll(/^# TYPE (\S+ \S+)$/gm), ([, text]) => text);
  assert.equal(new Set(told).size, told.length);
  assert.deepEqual(new Set(told), new Set(Object.values(CATALOGUE).map(({ name, type: kind }) => `${name} ${kind}`)));
  const lines = body.split('\n');
  for (const line of [
    'rwwwrse_requests_total{method="GET",path="/",status="200"} 60',
    'rwwwrse_requests_total{method="GET",path="/health",status="200"} 1',
    'rwwwrse_endpoint_requests_total{status="200"} 1',
    'rwwwrse_request_duration_seconds_count{method="GET",path="/"} 60',
    'rwwwrse_active_connections 1',
    'rwwwrse_response_size_bytes_count{method="GET"} 61',
    'rwwwrse_request_size_bytes_sum{method="GET"} 0',
    `rwwwrse_backend_requests_total{backend="${backend.url}",status="200"} 60`,
    `rwwwrse_backend_response_time_count{backend="${backend.url}"} 60`,
    `rwwwrse_backend_request_duration_seconds_bucket{backend="${backend.url}",le="+Inf"} 60`,
    `rwwwrse_backend_connections_limit{backend="${backend.url}"} 100`,
  ])
    assert.ok(lines.includes(line), `${line}\n${body}`);
  assert.match(body, /rwwwrse_request_duration_seconds_bucket\{method="GET",path="\/",le="1"\} 60\n/);
  for (const status of [401, 500, 502, 503, 504])
    assert.ok(lines.includes(`rwwwrse_requests_total{method="GET",path="/",status="${status}"} 0`), 'SPEC D.3 trap c');
  for (const thread of ['main', 'worker-0', 'worker-1'])
    assert.match(body, new RegExp(`^rwwwrse_event_loop_utilization_ratio\\{thread="${thread}"\\} [01]`, 'm'));
});

test('S125, S134 and line 408: what the Operations Guide greps for is there', async (context) => {
  const { port } = await start(context);
  await sendAll(port, ['/']);
  const { body } = await ask(port, '');
  const grep = (text: string): string[] => body.split('\n').filter((line) => line.includes(text));
  assert.ok(grep('rwwwrse_request_duration').length >= 15);
  for (const name of ['alloc', 'sys', 'heap_alloc', 'heap_sys', 'heap_inuse'])
    assert.match(body, new RegExp(`^go_memstats_${name}_bytes [1-9]`, 'm'));
  assert.ok(grep('go_memstats').length >= 15);
  for (const state of ['active', 'idle', 'pending'])
    assert.equal(grep('backend_connections').filter((line) => line.includes(`state="${state}"`)).length, 1);
});

test('promtool finds nothing to complain about', { skip: MISSING_PROMETHEUS }, async (context) => {
  const { port } = await start(context, { RWWWRSE_DETAILED_METRICS: 'true' });
  await sendAll(port, ['/', "/it's", '/a%22b', '/~x']);
  assert.equal(promtoolComplaints((await ask(port, '')).body), '');
});

test('OpenMetrics is served to who asks for it, and keeps its rules', async (context) => {
  const { port } = await start(context);
  await sendAll(port, ['/']);
  const { type, body } = await ask(port, 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5');
  assert.equal(type, OPEN_METRICS);
  assert.deepEqual(openMetricsFaults(body), []);
  assert.match(body, /^# TYPE rwwwrse_requests counter\nrwwwrse_requests_total\{/m);
  const { type: plain } = await ask(port, 'application/openmetrics-text;q=0.2,text/plain');
  assert.match(String(plain), /^text\/plain/);
});

test(
  'a real Prometheus scrapes it, and all queries of the Operations Guide run (SPEC D.3)',
  { skip: MISSING_PROMETHEUS },
  async (context) => {
    const { backend, port } = await start(context);
    const prometheus = await startPrometheus(context, port);
    await prometheus.untilFound('up{job="rwwwrse"} == 1');
    await sendAll(port, ['/a', '/b', '/c']);
    const [time] = await prometheus.untilFound('rwwwrse_backend_response_time{quantile="0.95"} >= 0');
    assert.equal(time?.metric.backend, backend.url);
    await prometheus.untilFound('rate(rwwwrse_requests_total{status="200"}[1m]) > 0');
    for (const query of [
      'histogram_quantile(0.95, rate(rwwwrse_request_duration_seconds_bucket[5m]))',
      'go_memstats_alloc_bytes / go_memstats_sys_bytes < 0.8',
      'rate(rwwwrse_requests_total{status=~"5.."}[5m]) == 0',
      'rate(rwwwrse_requests_total{status="401"}[5m]) == 0',
      'rate(cpu_usage_seconds_total[5m])',
      'avg_over_time(memory_usage_bytes[24h]) > 1e7',
      'rwwwrse_requests_per_second',
      'count(rwwwrse_requests_total{le=~".+"}) or vector(1)',
    ])
      await prometheus.untilFound(query);
  },
);

test('backend connections are exact over both workers, and a dead worker holds none', async (context) => {
  const { backend, port, program } = await start(context, { RWWWRSE_POOL_MAX_CONNS_PER_HOST: '2' }, INSPECT);
  const clients = await holdUntilBothWorkersQueue(context, program, port);
  const state = async (name: string): Promise<number> =>
    sumOf(await readMetrics(port), 'rwwwrse_backend_connections', `state="${name}"`);
  assert.equal(await state('pending'), clients.length - 2);
  assert.equal(sumOf(await readMetrics(port), 'rwwwrse_backend_connections_limit'), 2);
  await runInWorker(program, 'data-0', 'process.exit(1)');
  await program.untilLogged('worker replaced');
  await until('only the connection of the living worker is left', async () => (await state('active')) === 1);
  const alive = clients.filter(({ closed }) => !closed).length;
  assert.equal(await state('pending'), alive - 1);
  const answered = new Set<RawConnection>();
  await until('all are answered', () => {
    backend.release();
    for (const client of clients) if (client.closed || client.take() !== null) answered.add(client);
    return answered.size === clients.length;
  });
  await until('nothing is in use', async () => (await state('active')) + (await state('pending')) === 0);
});

/** Holds requests until each worker has one at the backend and one that waits for a connection. */
async function holdUntilBothWorkersQueue(
  context: TestContext,
  program: Program,
  port: number,
): Promise<RawConnection[]> {
  const clients: RawConnection[] = [];
  context.after(() => clients.forEach((client) => client.destroy()));
  for (let i = 0; i < 24; i++) {
    const client = await new RawConnection(port).opened();
    client.get(`/held/${i}`);
    clients.push(client);
  }
  await until('both workers are at their limit', async () => {
    const metrics = await readMetrics(port);
    const held = sumOf(metrics, 'rwwwrse_backend_connections', 'state="active"');
    return held === 2 && sumOf(metrics, 'rwwwrse_active_requests') === clients.length + 1;
  });
  assert.equal(program.child.exitCode, null);
  return clients;
}

test('S46: raw paths are told only with RWWWRSE_DETAILED_METRICS, without query, and 1,000 of them at most', async (context) => {
  const { port } = await start(context, { RWWWRSE_DETAILED_METRICS: 'true' });
  await sendAll(
    port,
    Array.from({ length: 1_010 }, (_, i) => `/items/${i}?secret=${i}`),
  );
  const metrics = await readMetrics(port);
  assert.equal(metrics.get('rwwwrse_requests_total{method="GET",path="/items/7",status="200"}'), 1);
  assert.equal(metrics.get('rwwwrse_requests_total{method="GET",path="other",status="200"}'), 10);
  assert.equal(metrics.get('rwwwrse_metric_raw_paths'), 1_000);
  assert.equal(sumOf(metrics, 'rwwwrse_requests_total', 'status="200"'), 1_010);
  assert.ok(![...metrics.keys()].some((series) => series.includes('secret')));
});

test('S45: sampled gauges change every RWWWRSE_METRICS_INTERVAL, and not in between', async (context) => {
  const sampled = ['rwwwrse_requests_per_second', 'process_cpu_seconds_total'] as const;
  const [{ port: slow }, { port: fast }] = [
    await start(context, { RWWWRSE_METRICS_INTERVAL: '1h' }),
    await start(context, { RWWWRSE_METRICS_INTERVAL: '1s' }),
  ];
  const valuesOf = async (port: number): Promise<(number | undefined)[]> => {
    const metrics = await readMetrics(port);
    return sampled.map((name) => metrics.get(name));
  };
  const before = await valuesOf(slow);
  await until('the fast one shows a rate of requests', async () => {
    await sendAll(fast, ['/']);
    return ((await valuesOf(fast))[0] ?? 0) > 0;
  });
  await sendAll(slow, ['/']);
  assert.deepEqual(await valuesOf(slow), before);
});

test('S43: RWWWRSE_METRICS_ENABLED=false: there is no endpoint', async (context) => {
  const program = await startWithYaml(context, ['routes:', '  a: { host: a.example, target: "http://127.0.0.1:9" }'], {
    env: { RWWWRSE_METRICS_ENABLED: 'false' },
  });
  assert.equal((await getOnce(program.port, '/metrics')).status, 404);
  assert.equal((await getOnce(program.port, '/health')).status, 200);
});

test('RWWWRSE_METRICS_NAMESPACE and _SUBSYSTEM rename own metrics only, and that is warned of', async (context) => {
  const { port, program } = await start(context, {
    RWWWRSE_METRICS_NAMESPACE: 'edge',
    RWWWRSE_METRICS_SUBSYSTEM: 'proxy',
  });
  const metrics = await readMetrics(port);
  assert.equal(metrics.get('edge_proxy_active_connections'), 1);
  assert.ok(metrics.has('go_goroutines') && metrics.has('memory_usage_bytes'));
  assert.ok(![...metrics.keys()].some((series) => series.startsWith('rwwwrse_')));
  await until('both keys are warned of', () => program.stderr.match(/renames the metrics/g)?.length === 2);
});

test('a backend whose settings change by reloads goes on in its series, and takes no new ones', async (t) => {
  const backend = await startHeldBackend(t);
  const file = join(createFolder(t), 'config.yaml');
  const write = (threshold: number): void =>
    writeFileSync(
      file,
      `circuit_breaker: { enabled: true, threshold: ${threshold} }\nroutes: { app: { target: "${backend.url}" } }\n`,
    );
  write(3);
  const program = await startProgram(t, { args: ['--config', file] });
  const all = Array.from({ length: 20 }, () => '/');
  await sendAll(program.port, all);
  // The first page is counted itself, in series of its own.
  for (let page = 0; page < 4; page++) await readMetrics(program.port);
  const before = await readMetrics(program.port);
  for (let reload = 1; reload <= 3; reload++) {
    write(3 + reload);
    await program.untilLogged('configuration reloaded', 10_000, reload);
    await sendAll(program.port, all);
  }
  const after = await readMetrics(program.port);
  assert.equal(sumOf(after, 'rwwwrse_backend_requests_total'), 80);
  assert.deepEqual(
    [...after.keys()].filter((each) => !before.has(each)),
    [],
  );
  assert.equal(after.get('rwwwrse_metric_series'), before.get('rwwwrse_metric_series'));
});
