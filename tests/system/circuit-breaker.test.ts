import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { type Answer, getOnce } from '../support/http-client.ts';
import { INSPECT, runInWorker } from '../support/inspector.ts';
import { answerShortly, startMoody } from '../support/moody-backend.ts';
import { readMetrics } from '../support/metrics.ts';
import { type Program, startProgram } from '../support/program.ts';
import { MISSING_PROMETHEUS, promtoolComplaints } from '../support/promtool.ts';
import { until } from '../support/until.ts';
import { createFolder, startWithYaml } from '../support/yaml-program.ts';

const BASICS = ['retry: false', 'passive_health: false', 'health_check: false'];

function linesOf(targets: readonly string[], breaker: string): string[] {
  return [
    ...BASICS,
    `circuit_breaker: { ${breaker} }`,
    'routes:',
    `  shop: { path: /, targets: [${targets.join(', ')}] }`,
  ];
}

/** Sends so many requests one after the other, each on a connection of its own: the kernel gives them to both workers. */
async function askInTurn(program: Program, count: number, path = '/'): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let i = 0; i < count; i++) answers.push(await getOnce(program.port, path));
  return answers;
}

const codeOf = ({ body }: Answer): unknown => (JSON.parse(body) as { code: unknown }).code;

/** Parts of request ids that tell workers apart. */
const workersOf = (answers: readonly Answer[]): number =>
  new Set(answers.map(({ head }) => /\r\nx-request-id: ([0-9a-f]{20})/i.exec(head)?.[1])).size;

test('failures that two workers see add up: the breaker opens after exactly so many, for both, and is told once', async (context) => {
  const backend = await startMoody(context);
  const program = await startWithYaml(context, linesOf([backend.url], 'threshold: 20, timeout: 1h'));
  backend.mood = 'busy';
  const answers = await askInTurn(program, 60);
  assert.equal(workersOf(answers), 2, 'both workers answered');
  assert.deepEqual(
    answers.map(({ body }) => body === 'busy\n'),
    answers.map((_, i) => i < 20),
  );
  assert.equal(backend.requests, 20);
  const refused = answers.at(-1) as Answer;
  assert.deepEqual([refused.status, codeOf(refused)], [503, 'circuit_breaker_open']);
  assert.match(refused.head, /\r\nRetry-After: \d+\r\n/);
  const opened = await program.untilLogged('circuit breaker opened');
  assert.deepEqual(
    [opened.level, opened.backend, opened.failures, opened.last_failure],
    ['WARN', backend.url, 20, '503'],
  );
  const health = await getOnce(program.port, '/health/shop');
  assert.equal(health.status, 404, 'the route is for any host');
  const any = JSON.parse((await getOnce(program.port, '/health/*')).body) as { status: string; backends: unknown[] };
  assert.equal(any.status, 'unhealthy');
  assert.partialDeepStrictEqual(any.backends, [{ backend: backend.url, healthy: false, circuit: 'open' }]);
  const metrics = await readMetrics(program.port);
  const label = `{backend="${backend.url}"}`;
  assert.equal(metrics.get(`rwwwrse_circuit_breaker_state${label}`), 2);
  assert.equal(metrics.get(`rwwwrse_circuit_breaker_transitions_total{backend="${backend.url}",to="open"}`), 1);
  assert.equal(metrics.get(`rwwwrse_circuit_breaker_transitions_total{backend="${backend.url}",to="closed"}`), 0);
  assert.equal(program.logged('circuit breaker opened').length, 1);
});

test('a backend that is well again is found by trials, and the breaker closes; each change is told once', async (context) => {
  const backend = await startMoody(context);
  const breaker = 'threshold: 3, timeout: 300ms, success_threshold: 2';
  const program = await startWithYaml(context, linesOf([backend.url], breaker));
  backend.mood = 'busy';
  await askInTurn(program, 3);
  await program.untilLogged('circuit breaker half-open');
  const [trial] = await askInTurn(program, 1);
  assert.equal(trial?.body, 'busy\n', 'one trial, which fails');
  await program.untilLogged('circuit breaker opened', 10_000, 2);
  backend.mood = 'good';
  await program.untilLogged('circuit breaker half-open', 10_000, 2);
  const answers = await askInTurn(program, 20);
  assert.deepEqual(
    answers.filter(({ status }) => status !== 200),
    [],
  );
  const closed = await program.untilLogged('circuit breaker closed');
  assert.deepEqual([closed.from, closed.successes], ['half_open', 2]);
  await until(
    'the metrics say closed',
    async () => (await readMetrics(program.port)).get(`rwwwrse_circuit_breaker_state{backend="${backend.url}"}`) === 0,
  );
  const counts = ['opened', 'half-open', 'closed'].map((what) => program.logged(`circuit breaker ${what}`).length);
  assert.deepEqual(counts, [2, 2, 1]);
});

test('a half-open breaker lets no more requests through at a time than it may, in both workers together', async (context) => {
  const backend = await startMoody(context);
  const breaker = 'threshold: 2, timeout: 200ms, max_requests: 3, success_threshold: 3';
  const program = await startWithYaml(context, linesOf([backend.url], breaker));
  backend.mood = 'busy';
  await askInTurn(program, 2);
  await program.untilLogged('circuit breaker half-open');
  backend.mood = 'holding';
  const before = backend.requests;
  const answers = Array.from({ length: 40 }, () => getOnce(program.port, '/'));
  let refused = 0;
  for (const answer of answers) void answer.then(({ status }) => (refused += Number(status === 503)));
  await until('all others are refused', () => refused === 37);
  assert.equal(backend.requests - before, 3);
  backend.mood = 'good';
  for (const response of backend.held) answerShortly(response, 200, 'good');
  await program.untilLogged('circuit breaker closed');
  assert.equal((await Promise.all(answers)).filter(({ status }) => status === 200).length, 3);
});

test('a worker that dies gives its trials back', async (context) => {
  const backend = await startMoody(context);
  const file = join(createFolder(context), 'config.yaml');
  const breaker = 'threshold: 1, timeout: 200ms, max_requests: 1, success_threshold: 1';
  writeFileSync(file, `${linesOf([backend.url], breaker).join('\n')}\n`);
  const program = await startProgram(context, { nodeFlags: INSPECT, args: ['--config', file] });
  backend.mood = 'busy';
  await askInTurn(program, 1);
  await program.untilLogged('circuit breaker half-open');
  backend.mood = 'holding';
  const lost = getOnce(program.port, '/');
  await until('the trial runs', () => backend.held.size === 1);
  const [refused] = await askInTurn(program, 1);
  assert.equal(refused?.status, 503);
  for (const worker of ['data-0', 'data-1'])
    if (backend.held.size > 0) await runInWorker(program, worker, 'process.exit(1)').catch(() => undefined);
  assert.equal((await lost).status, 0, 'its worker is gone');
  backend.mood = 'good';
  await until('a new trial is let through', async () => (await askInTurn(program, 1))[0]?.status === 200);
});

test('while one breaker is open the other backends take everything, and no request fails', async (context) => {
  const [bad, good] = [await startMoody(context), await startMoody(context)];
  const program = await startWithYaml(context, linesOf([bad.url, good.url], 'threshold: 5, timeout: 1h'));
  bad.mood = 'busy';
  const answers = await askInTurn(program, 60);
  assert.equal(answers.filter(({ status }) => status === 503).length, 5);
  assert.ok(answers.slice(-20).every(({ body }) => body === 'good\n'));
  assert.equal(bad.requests, 5);
});

test(
  'one address with two policies has two breakers and one set of series',
  { skip: MISSING_PROMETHEUS },
  async (context) => {
    const backend = await startMoody(context);
    const program = await startWithYaml(context, [
      ...BASICS,
      'routes:',
      `  strict: { path: /strict, target: "${backend.url}", circuit_breaker: { threshold: 2, timeout: 1h } }`,
      `  patient: { path: /, target: "${backend.url}", circuit_breaker: { threshold: 1000, timeout: 1h } }`,
    ]);
    backend.mood = 'busy';
    const [strict, patient] = [await askInTurn(program, 10, '/strict'), await askInTurn(program, 10)];
    const served = (answers: readonly Answer[]): number => answers.filter(({ body }) => body === 'busy\n').length;
    assert.deepEqual([served(strict), served(patient)], [2, 10]);
    const page = (await getOnce(program.port, '/metrics')).body;
    assert.equal(promtoolComplaints(page), '');
    const metrics = await readMetrics(program.port);
    assert.equal(metrics.get(`rwwwrse_backend_requests_total{backend="${backend.url}",status="503"}`), 12);
    assert.equal(metrics.get(`rwwwrse_circuit_breaker_state{backend="${backend.url}"}`), 2, 'the worse one');
  },
);

test('a reload leaves breakers as they are; a backend that was away for a reload begins anew', async (context) => {
  const backend = await startMoody(context);
  const file = join(createFolder(context), 'config.yaml');
  const shop = linesOf([backend.url], 'threshold: 2, timeout: 1h');
  const write = (lines: readonly string[]): void => writeFileSync(file, `${lines.join('\n')}\n`);
  write(shop);
  const program = await startProgram(context, { args: ['--config', file], env: { RWWWRSE_HOT_RELOAD: 'false' } });
  let loads = 0;
  const reload = async (lines: readonly string[]): Promise<void> => {
    write(lines);
    program.signal('SIGHUP');
    await program.untilLogged('configuration reloaded', 10_000, ++loads);
  };
  backend.mood = 'busy';
  await askInTurn(program, 4);
  assert.equal(backend.requests, 2);
  await reload([...shop, '  more: { path: /more, target: "http://127.0.0.1:9" }']);
  await askInTurn(program, 4);
  assert.equal(backend.requests, 2, 'still open');
  await reload([...BASICS, 'routes:', '  more: { path: /more, target: "http://127.0.0.1:9" }']);
  await reload(shop);
  await askInTurn(program, 4);
  assert.equal(backend.requests, 4);
});
