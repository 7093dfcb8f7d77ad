import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { startHttpBackend } from '../support/http-backend.ts';
import { getOnce } from '../support/http-client.ts';
import { Load } from '../support/load.ts';
import { readMetrics, sumOf } from '../support/metrics.ts';
import { type Program, startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';
import { createFolder, startWithYaml } from '../support/yaml-program.ts';

const CHECKED = { RWWWRSE_HEALTH_CHECK_ENABLED: 'true' };

/** A backend whose health the test changes; its other paths always work. */
async function startPatient(context: TestContext) {
  const state = { status: 200, served: 0, checks: 0, agent: '' };
  const backend = await startHttpBackend(context, (request, response) => {
    const isCheck = request.url?.endsWith('/healthz') === true;
    if (isCheck) state.checks++;
    else state.served++;
    if (isCheck) state.agent = String(request.headers['user-agent']);
    response.writeHead(isCheck ? state.status : 200).end('ok');
  });
  return { state, url: backend.url, close: () => backend.close() };
}

type Patient = Awaited<ReturnType<typeof startPatient>>;

async function readJson(program: Program, path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const { status, body } = await getOnce(program.port, path);
  return { status, body: JSON.parse(body) as Record<string, unknown> };
}

async function untilHealth(program: Program, status: string): Promise<void> {
  await until(`/health is ${status}`, async () => (await readJson(program, '/health')).body.status === status);
}

/** Sends requests, each on a connection of its own so that both workers get some; returns how many each backend served. */
async function serve(program: Program, patients: readonly Patient[], count = 40): Promise<number[]> {
  for (const { state } of patients) state.served = 0;
  const answers = await Promise.all(Array.from({ length: count }, () => getOnce(program.port, '/', 'shop.example')));
  for (const { status } of answers) assert.equal(status, 200);
  return patients.map(({ state }) => state.served);
}

test('an unhealthy backend gets no requests from any worker, and all endpoints, metrics and the log say so', async (context) => {
  const patients = await Promise.all([0, 1, 2].map(() => startPatient(context)));
  const [first, second, third] = patients as [Patient, Patient, Patient];
  const program = await startWithYaml(
    context,
    [
      'health_check: { path: /healthz, interval: 100ms, timeout: 2s, unhealthy_threshold: 2, healthy_threshold: 2 }',
      'routes:',
      '  shop:',
      '    host: shop.example',
      `    targets: [${patients.map(({ url }) => url).join(', ')}]`,
    ],
    { env: CHECKED },
  );
  const up = async (patient: Patient): Promise<number | undefined> =>
    (await readMetrics(program.port)).get(`rwwwrse_backend_up{backend="${patient.url}"}`);
  await until('all were checked', () => patients.every(({ state }) => state.checks > 1));
  assert.equal(first.state.agent, 'rwwwrse-health/1.0.0');
  assert.equal((await readJson(program, '/health')).body.status, 'healthy');
  assert.equal(await up(first), 1);

  first.state.status = 503;
  await untilHealth(program, 'degraded');
  const served = await serve(program, patients);
  assert.equal(served[0], 0);
  assert.ok((served[1] ?? 0) > 0 && (served[2] ?? 0) > 0, String(served));
  const host = await readJson(program, '/health/shop.example');
  assert.deepEqual([host.status, host.body.status], [200, 'degraded']);
  const [report] = host.body.backends as Record<string, unknown>[];
  assert.deepEqual(
    { ...report, last_check: null, response_time: null, consecutive_failures: null },
    {
      backend: first.url,
      healthy: false,
      last_check: null,
      response_time: null,
      consecutive_failures: null,
      consecutive_successes: 0,
      status_code: 503,
      error: 'The answer has another status than expected (status_unexpected)',
      circuit: 'closed',
    },
  );
  assert.match(String(report?.last_check), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.ok(Number(report?.consecutive_failures) >= 2 && Number(report?.response_time) > 0);
  assert.equal(await up(first), 0);
  const metrics = await readMetrics(program.port);
  const checks = (status: string): number =>
    sumOf(metrics, 'rwwwrse_health_checks_total', `target="${first.url}",status="${status}"`);
  assert.ok(checks('success') >= 1 && checks('failure') >= 2);
  assert.equal(
    sumOf(metrics, 'rwwwrse_health_check_duration_seconds_count', `target="${first.url}"`),
    checks('success') + checks('failure'),
  );

  // SPEC F: as many healthy as unhealthy, or less, is unhealthy.
  second.state.status = 500;
  await untilHealth(program, 'unhealthy');
  assert.equal((await readJson(program, '/health')).status, 503);
  assert.equal((await readJson(program, '/ready')).status, 200, 'a proxy with sick backends must be there to say so');
  assert.deepEqual((await serve(program, patients)).slice(0, 2), [0, 0]);

  third.state.status = 500;
  await until('no backend is healthy', async () => (await readJson(program, '/health/shop.example')).status === 503);
  const anyway = await serve(program, patients);
  assert.ok(
    anyway.every((count) => count > 0),
    `when all are unhealthy they are tried all the same: ${anyway.join()}`,
  );

  for (const { state } of patients) state.status = 204;
  await untilHealth(program, 'healthy');
  assert.ok((await serve(program, patients)).every((count) => count > 0));
  for (const { url } of patients) {
    const told = program.log
      .filter(({ backend }) => backend === url)
      .map(({ level, msg, event }) => [level, msg, event]);
    assert.deepEqual(told, [
      ['INFO', 'backend is degraded', 'degraded'],
      ['WARN', 'backend is unhealthy', 'failed'],
      ['INFO', 'backend is healthy', 'recovered'],
    ]);
  }
  const [started] = program.logged('health checks started');
  assert.equal(started?.backends, 3);
});

test('a backend that is away when the program starts is left out from its first check on, and found when it comes', async (context) => {
  const here = await startPatient(context);
  const away = await startPatient(context);
  await away.close();
  const program = await startWithYaml(
    context,
    [
      'health_check: { path: /healthz, interval: 10m, initial: unhealthy }',
      'routes:',
      '  shop:',
      '    host: shop.example',
      `    targets: [${here.url}, ${away.url}]`,
    ],
    { env: CHECKED },
  );
  // A pessimistic start waits for its first checks.
  assert.deepEqual(await serve(program, [here], 20), [20]);
  const [failed] = program.logged('backend is unhealthy');
  assert.deepEqual([failed?.backend, failed?.code, failed?.detail], [away.url, 'connect_refused', 'ECONNREFUSED']);
  const port = Number(new URL(away.url).port);
  await startHttpBackend(context, (_, response) => response.end('back'), port);
  // Not after ten minutes: what has never passed is asked again soon.
  const recovered = await program.untilLogged('backend is healthy', 10_000, 2);
  assert.equal(recovered.backend, away.url);
});

test('a route has its own check, and a backend without one is not watched', async (context) => {
  const strict = await startPatient(context);
  const unwatched = await startPatient(context);
  const program = await startWithYaml(
    context,
    [
      'health_check: { path: /healthz, interval: 100ms }',
      'routes:',
      '  strict:',
      '    host: strict.example',
      `    target: ${strict.url}`,
      '    health_check: { expected_body: never, unhealthy_threshold: 1 }',
      '  unwatched:',
      '    host: unwatched.example',
      `    target: ${unwatched.url}`,
      '    health_check: { enabled: false }',
    ],
    { env: CHECKED },
  );
  const line = await program.untilLogged('backend is unhealthy');
  assert.deepEqual([line.backend, line.code, line.status], [strict.url, 'body_unexpected', 200]);
  assert.equal(unwatched.state.checks, 0);
  const metrics = await readMetrics(program.port);
  assert.equal(metrics.get(`rwwwrse_backend_up{backend="${unwatched.url}"}`), undefined);
  assert.equal((await readJson(program, '/health/unwatched.example')).status, 200);
  assert.equal((await readJson(program, '/health/strict.example')).status, 503);
});

test('a backend that a reload brings gets no request before its first check, where it counts as unhealthy until then', async (context) => {
  const [well, cold] = [await startPatient(context), await startPatient(context)];
  cold.state.status = 503;
  const file = join(createFolder(context), 'config.yaml');
  const write = (round: number): void => {
    // Another path of the target is another backend.
    const targets = round === 0 ? well.url : `${well.url}, ${cold.url}/${round}`;
    const lines = [
      'health_check: { path: /healthz, interval: 1h, initial: unhealthy }',
      'routes:',
      `  shop: { path: /, targets: [${targets}] }`,
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
  };
  write(0);
  const program = await startProgram(context, {
    args: ['--config', file],
    env: { ...CHECKED, RWWWRSE_HOT_RELOAD: 'false' },
  });
  const load = new Load(context, program.port, 20);
  for (let round = 1; round <= 6; round++) {
    write(round);
    program.signal('SIGHUP');
    await program.untilLogged('configuration reloaded', 10_000, round);
  }
  await load.stop();
  assert.ok(well.state.served > 100);
  assert.equal(cold.state.served, 0);
});
