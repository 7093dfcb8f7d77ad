import assert from 'node:assert/strict';
import test from 'node:test';

import { Load } from '../support/load.ts';
import { readMetrics, sumOf } from '../support/metrics.ts';
import { startRawBackend } from '../support/raw-backend.ts';
import { until } from '../support/until.ts';
import { startWithYaml } from '../support/yaml-program.ts';

/** Of what the budget speaks. */
const WINDOW_S = 10;
const SHARE = 0.2;
const PER_SECOND = 10;

test('while every backend fails, retries add to their load no more than the budget, over all workers together', async (t) => {
  const backends = await Promise.all(
    [0, 1].map(() => startRawBackend(t, (peer) => void peer.socket.resetAndDestroy())),
  );
  const lines = [
    'circuit_breaker: { enabled: false }',
    'passive_health: { enabled: false }',
    'retry: { max_attempts: 5, initial_interval: 1ms, max_interval: 1ms }',
    `routes: { all: { path: /, targets: [${backends.map(({ port }) => `"http://127.0.0.1:${port}"`).join(', ')}] } }`,
  ];
  const env = { RWWWRSE_RETRY_ENABLED: 'true' };
  const program = await startWithYaml(t, lines, { env });
  const startedMs = performance.now();
  const load = new Load(t, program.port, 40);
  await until('enough requests', () => load.total >= 1_500, 60_000);
  await load.stop();
  const seconds = (performance.now() - startedMs) / 1_000;
  const metrics = await readMetrics(program.port);
  const attempts = backends.reduce((sum, { requests }) => sum + requests, 0);
  const retries = attempts - load.total;
  const most = SHARE * load.total + PER_SECOND * (seconds + WINDOW_S);
  t.diagnostic(`${load.total} requests, ${attempts} attempts, ${retries} retries of at most ${most.toFixed(0)}`);
  assert.ok(retries > 0, 'some were sent again');
  assert.ok(retries <= most, `${retries} retries of ${load.total} requests, at most ${most}`);
  assert.equal(sumOf(metrics, 'rwwwrse_upstream_retries_total'), retries);
  assert.ok(sumOf(metrics, 'rwwwrse_upstream_retries_denied_total', 'budget') > 0);
});
