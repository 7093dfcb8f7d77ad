import assert from 'node:assert/strict';
import test from 'node:test';

import type { EndpointSettings } from '../../config/resolved-config.ts';
import type { TrafficPlan } from '../../dataplane/snapshot/traffic-plan.ts';
import { SERIES_LIMITS } from '../../shared-memory/counters.ts';
import { BACKEND_HELD, HeldBackends, SHARED_PLACE } from '../../shared-memory/held-backends.ts';
import { LogRingReader, LogRingWriter } from '../../shared-memory/log-ring.ts';
import { createRegions } from '../../shared-memory/regions.ts';
import { WorkerMetrics } from '../../telemetry/metrics/worker-metrics.ts';
import { openMetricsFaults } from '../../../tests/support/openmetrics.ts';
import { MISSING_PROMETHEUS, promtoolComplaints } from '../../../tests/support/promtool.ts';
import { NO_CHECKS } from './check-page.ts';
import { NO_LOOKUPS } from './lookup-page.ts';
import { NO_GATES } from './gate-page.ts';
import { MetricsEndpoint } from './metrics-endpoint.ts';
import { firstFigures } from '../reload/reload-outcome.ts';

const SETTINGS = {
  metricsEnabled: true,
  metricsIntervalMs: 15_000,
  metricsPrefix: 'rwwwrse_',
} as EndpointSettings;
const NASTY = 'http://h\\"\n{}:1';

const nameOf = (index: number): string => (index === 1 ? NASTY : `http://b${index}`);

function createEndpoint(settings: EndpointSettings = SETTINGS) {
  const regions = createRegions(2);
  const endpoint = new MetricsEndpoint({
    regions,
    settings: () => settings,
    reloads: firstFigures(),
    labels: { pathLabel: (index) => `/r${index}`, backendLabel: nameOf, placeLabel: nameOf },
    version: '1.0.0',
    startedMs: 0,
    maxPerBackend: () => 0,
    threads: () => [],
    workers: () => 2,
    restarts: () => 3,
    checks: NO_CHECKS,
    lookups: NO_LOOKUPS,
    gates: NO_GATES,
  });
  return { regions, endpoint, metrics: new WorkerMetrics(regions, 0) };
}

function planOf(routes: number, backends: number): TrafficPlan {
  const targets = Array.from({ length: backends }, (_, index) => ({
    backend: { index, series: index, place: index },
    weight: 1,
  }));
  return {
    routes: Array.from({ length: routes }, (_, index) => ({ index: index + 1, targets })),
  } as unknown as TrafficPlan;
}

const valueOf = (page: string, series: string): number =>
  Number(
    page
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length),
  );

test('beyond the limit of series requests count under path="other": not one is lost, and it is told', async () => {
  const { endpoint, metrics } = createEndpoint();
  for (let route = 1; route <= SERIES_LIMITS.single + 50; route++) metrics.route(route).record(0, 200, 0.1);
  const page = await endpoint.render('text');
  const counts = Array.from(page.matchAll(/^rwwwrse_requests_total\{.*\} (\d+)$/gm), ([, count]) => Number(count));
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    SERIES_LIMITS.single + 50,
  );
  assert.ok(valueOf(page, 'rwwwrse_requests_total{method="GET",path="other",status="200"}') >= 50);
  assert.ok(valueOf(page, 'rwwwrse_request_duration_seconds_count{method="GET",path="other"}') > 10_000);
  assert.ok(valueOf(page, 'rwwwrse_metric_series_overflows_total') > 10_000);
});

test('backends beyond the last place have their connections told together', async () => {
  const { endpoint, regions } = createEndpoint();
  endpoint.prepare(planOf(1, SHARED_PLACE + 20));
  new HeldBackends(regions, 1).add(SHARED_PLACE, BACKEND_HELD.active, 4);
  const page = await endpoint.render('text');
  assert.equal(valueOf(page, 'rwwwrse_backend_connections{backend="other",state="active"}'), 4);
  assert.equal(page.match(/^rwwwrse_backend_connections\{/gm)?.length, (SHARED_PLACE + 1) * 3);
  assert.match(page, /^rwwwrse_backend_connections_limit\{backend="http:\/\/b0"\} \+Inf$/m);
});

test('error series of routes exist before the first error, of the first 100 only (SPEC D.3)', async () => {
  const { endpoint } = createEndpoint();
  endpoint.prepare(planOf(1_000, 1));
  const page = await endpoint.render('text');
  assert.equal(valueOf(page, 'rwwwrse_requests_total{method="POST",path="/r100",status="503"}'), 0);
  assert.equal(page.match(/^rwwwrse_requests_total\{/gm)?.length, 1_000);
  assert.match(page, /^rwwwrse_backend_response_time\{backend="http:\/\/b0",quantile="0.5"\} NaN$/m);
});

test('label values of any kind keep both formats sound', { skip: MISSING_PROMETHEUS }, async () => {
  const { endpoint, metrics } = createEndpoint();
  metrics.backend(1).record(200, 0.1);
  metrics.route(1).record(0, 200, 1e-7);
  assert.deepEqual(openMetricsFaults(await endpoint.render('openmetrics')), []);
  assert.equal(promtoolComplaints(await endpoint.render('text')), '');
});

test('a page never misses what happened before it was asked for, also when another page is being rendered', async () => {
  const { endpoint, metrics } = createEndpoint();
  const first = endpoint.render('text');
  await new Promise((resolve) => setImmediate(resolve));
  metrics.route(7).record(0, 204, 0.1);
  const [second, third] = [endpoint.render('text'), endpoint.render('text')];
  assert.equal(second, third, 'those who wait share a page');
  const series = 'rwwwrse_requests_total{method="GET",path="/r7",status="204"}';
  assert.equal(valueOf(await second, series), 1);
  await first;
});

test('main does other work while it renders a large page', async () => {
  const { endpoint, metrics } = createEndpoint();
  for (let route = 1; route <= SERIES_LIMITS.wide; route++) metrics.route(route).record(0, 200, 0.1);
  await endpoint.render('text');
  let turns = 0;
  let done = false;
  const count = (): void => {
    turns++;
    if (!done) setImmediate(count);
  };
  setImmediate(count);
  await endpoint.render('text');
  done = true;
  assert.ok(turns >= 2, `${turns} turns of the event loop`);
});

test('lines of the access log count as dropped when there was no room, and when writing failed', async () => {
  const { endpoint, regions } = createEndpoint();
  new LogRingReader(regions.logRings[1] as SharedArrayBuffer).addLost(3);
  const writer = new LogRingWriter(regions, 0);
  while (writer.write('x'.repeat(100_000)));
  assert.equal(valueOf(await endpoint.render('text'), 'rwwwrse_access_log_lines_dropped_total'), 4);
});

test('a raw path that is also the path of a route or of an endpoint shares its series', async () => {
  const { endpoint, regions } = createEndpoint();
  endpoint.prepare(planOf(1, 1));
  const metrics = new WorkerMetrics(regions, 1, { enabled: true, detailed: true });
  metrics.rawPaths?.of('/r1').record(0, 502, 0.2);
  metrics.rawPaths?.of('/r1').record(0, 404, 0.2);
  metrics.rawPaths?.of('/x').record(0, 502, 0.2);
  metrics.route(1).record(0, 502, 0.2);
  const page = await endpoint.render('text');
  const series = page
    .split('\n')
    .flatMap((line) => (line.startsWith('#') ? [] : [line.slice(0, line.lastIndexOf(' '))]));
  assert.deepEqual(
    series.filter((name, at) => name !== '' && series.indexOf(name) !== at),
    [],
  );
  const requests = (path: string, status: number) =>
    valueOf(page, `rwwwrse_requests_total{method="GET",path="${path}",status="${status}"}`);
  assert.deepEqual([requests('/r1', 502), requests('/r1', 404), requests('/x', 502)], [2, 1, 1]);
  assert.equal(valueOf(page, 'rwwwrse_request_duration_seconds_count{method="GET",path="/r1"}'), 3);
  assert.equal(valueOf(page, 'rwwwrse_request_duration_seconds_sum{method="GET",path="/r1"}').toFixed(6), '0.600000');
});

test('RWWWRSE_METRICS_ENABLED=false: no series is made for a plan', async () => {
  const { endpoint } = createEndpoint({ ...SETTINGS, metricsEnabled: false });
  endpoint.prepare(planOf(3, 3));
  assert.ok(!(await endpoint.render('text')).includes('path='));
});
