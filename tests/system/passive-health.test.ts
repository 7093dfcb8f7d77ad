import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import { type Answer, getOnce } from '../support/http-client.ts';
import { readMetrics } from '../support/metrics.ts';
import { type MoodyBackend, startMoody } from '../support/moody-backend.ts';
import type { Program } from '../support/program.ts';
import { until } from '../support/until.ts';
import { startWithYaml } from '../support/yaml-program.ts';

interface Stage {
  readonly program: Program;
  readonly backends: readonly [MoodyBackend, MoodyBackend, MoodyBackend];
}

const NO_RETRY: readonly string[] = [];

/** Two workers before three backends, without breakers and checks. */
async function start(context: TestContext, passive: string, lines = NO_RETRY): Promise<Stage> {
  const backends = [await startMoody(context), await startMoody(context), await startMoody(context)] as const;
  const config = [
    'circuit_breaker: false',
    'health_check: false',
    `passive_health: { ${passive} }`,
    ...lines,
    'routes:',
    `  shop: { path: /, targets: [${backends.map(({ url }) => url).join(', ')}] }`,
  ];
  // Tests of other things have no retries, by the environment, which goes before a file.
  const env = { RWWWRSE_RETRY_ENABLED: String(lines !== NO_RETRY) };
  const program = await startWithYaml(context, config, { env });
  return { program, backends };
}

async function askInTurn(program: Program, count: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let i = 0; i < count; i++) answers.push(await getOnce(program.port, '/'));
  return answers;
}

const failed = (answers: readonly Answer[]): number => answers.filter(({ status }) => status !== 200).length;

test('a backend that fails so many requests in a row, in whichever worker, gets no more; that is told once', async (context) => {
  const { program, backends } = await start(context, 'consecutive_failures: 6, eject_time: 1h, max_eject_time: 1h');
  const [bad] = backends;
  bad.mood = 'busy';
  const answers = await askInTurn(program, 90);
  assert.equal(failed(answers), 6);
  assert.equal(bad.requests, 6);
  const ejected = await program.untilLogged('backend ejected');
  assert.partialDeepStrictEqual(ejected, {
    level: 'WARN',
    backend: bad.url,
    reason: 'consecutive_failures',
    failures: 6,
    last_failure: '503',
    ejected_ms: 3_600_000,
  });
  const metrics = await readMetrics(program.port);
  assert.equal(metrics.get(`rwwwrse_backend_ejected{backend="${bad.url}"}`), 1);
  assert.equal(metrics.get(`rwwwrse_backend_ejected{backend="${backends[1].url}"}`), 0);
  const reason = 'reason="consecutive_failures"';
  assert.equal(metrics.get(`rwwwrse_backend_ejections_total{backend="${bad.url}",${reason}}`), 1);
  const health = JSON.parse((await getOnce(program.port, '/health/*')).body) as { status: string };
  assert.equal(health.status, 'degraded');
  assert.equal(program.logged('backend ejected').length, 1);
});

test('with retries no client sees it; the backend comes back by itself, little by little', async (context) => {
  const lines = ['retry: { max_attempts: 3, initial_interval: 1ms }', 'slow_start: 1h'];
  const { program, backends } = await start(context, 'consecutive_failures: 3, eject_time: 500ms', lines);
  const [bad] = backends;
  bad.mood = 'busy';
  assert.equal(failed(await askInTurn(program, 30)), 0);
  await program.untilLogged('backend ejected');
  bad.mood = 'good';
  const returned = await program.untilLogged('backend returned');
  assert.equal(returned.backend, bad.url);
  const before = bad.requests;
  assert.equal(failed(await askInTurn(program, 300)), 0);
  const share = bad.requests - before;
  assert.ok(share > 1 && share < 40, `${share} of 300 requests: a tenth of its third would be ten`);
});

test('a share of failures takes a backend out, too', async (context) => {
  const passive =
    'consecutive_failures: 0, failure_share: 40%, min_requests: 10, window: 1h, eject_time: 1h, max_eject_time: 1h';
  const { program, backends } = await start(context, passive);
  const [flaky] = backends;
  for (let i = 0; i < 60 && program.logged('backend ejected').length === 0; i++) {
    flaky.mood = i % 6 < 3 ? 'busy' : 'good';
    await askInTurn(program, 1);
  }
  const ejected = await program.untilLogged('backend ejected');
  assert.equal(ejected.reason, 'failure_share');
  assert.ok(Number(ejected.requests) >= 10 && Number(ejected.failures) >= Number(ejected.requests) * 0.4);
});

test('when all fail only the share is taken out, and requests still go to the others', async (context) => {
  const { program, backends } = await start(
    context,
    'consecutive_failures: 2, eject_time: 1h, max_eject_time: 1h, max_ejected: 34%',
  );
  for (const backend of backends) backend.mood = 'busy';
  await askInTurn(program, 60);
  await program.untilLogged('backend ejected');
  const before = backends.map(({ requests }) => requests);
  await askInTurn(program, 30);
  const asked = backends.map(({ requests }, i) => requests - (before[i] as number));
  assert.equal(asked.filter((count) => count === 0).length, 1, asked.join(', '));
  assert.equal(program.logged('backend ejected').length, 1);
});

test('one whose backends are all out is asked all the same, and by luck it answers', async (context) => {
  const { program, backends } = await start(
    context,
    'consecutive_failures: 1, eject_time: 1h, max_eject_time: 1h, max_ejected: 100%',
  );
  for (const backend of backends) backend.mood = 'busy';
  await askInTurn(program, 20);
  await until('all are out', () => program.logged('backend ejected').length === 3);
  for (const backend of backends) backend.mood = 'good';
  assert.equal(failed(await askInTurn(program, 30)), 0);
  for (const backend of backends) assert.ok(backend.requests > 5);
});
