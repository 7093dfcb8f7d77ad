import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import { startHttpBackend } from '../support/http-backend.ts';
import { getOnce } from '../support/http-client.ts';
import { readMetrics, sumOf } from '../support/metrics.ts';
import { MISSING_POSTGRES, startPostgres } from '../support/postgres-server.ts';
import { type Program, startProgram } from '../support/program.ts';
import { MISSING_REDIS, startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { startWithYaml } from '../support/yaml-program.ts';

const INTERVAL = '300ms';
const REDIS_PASSWORD = 'redis-secret-1';

async function readJson(program: Program, path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const { status, body } = await getOnce(program.port, path);
  return { status, body: JSON.parse(body) as Record<string, unknown> };
}

/** Checks of a dependency that have ended. */
async function checksOf(program: Program, name: string): Promise<number> {
  return sumOf(await readMetrics(program.port), 'rwwwrse_health_checks_total', `target="${name}"`);
}

/**
 * Waits until `/health` shows a dependency as it is now, and proves that it took one interval at most: the check that was under
 * way may still tell how it was before, the next one must not.
 */
async function follows(program: Program, name: string, shown: string): Promise<Record<string, unknown>> {
  const before = await checksOf(program, name);
  const isShown = async (): Promise<Record<string, unknown> | null> => {
    const { body } = await readJson(program, '/health');
    return (body.checks as Record<string, unknown>)[name] === shown ? body : null;
  };
  const body = await until(`${name} is ${shown}`, isShown);
  const checks = (await checksOf(program, name)) - before;
  assert.ok(checks <= 3, `${checks} checks until ${name} was ${shown}`);
  return body;
}

async function startBackend(context: TestContext) {
  const state = { status: 200 };
  const backend = await startHttpBackend(context, (_, response) => response.writeHead(state.status).end('ok'));
  return { state, url: backend.url };
}

test(
  'S31-S33: PostgreSQL, Redis and an API are stopped and started, and /health follows within one interval',
  {
    skip: MISSING_POSTGRES || MISSING_REDIS,
  },
  async (context) => {
    const [postgres, redis, api] = await Promise.all([
      startPostgres(context),
      startRedis(context, ['--requirepass', REDIS_PASSWORD]),
      startBackend(context),
    ]);
    const program = await startWithYaml(
      context,
      [`health_check: { interval: ${INTERVAL} }`, 'checks:', '  database: { required: true }'],
      {
        env: {
          RWWWRSE_LOG_LEVEL: 'debug',
          RWWWRSE_DEFAULT_BACKEND: api.url,
          DATABASE_URL: postgres.url,
          REDIS_URL: `redis://:${REDIS_PASSWORD}@127.0.0.1:${redis.port}/1`,
          RWWWRSE_HEALTH_EXTERNAL_API_URL: `${api.url}/status?token=api-secret-1`,
        },
      },
    );
    const healthy = { database: 'healthy', redis: 'healthy', external_api: 'healthy' };
    // At once: the program is not ready before it has asked.
    const first = await readJson(program, '/health');
    assert.deepEqual(Object.keys(first.body), ['status', 'timestamp', 'version', 'uptime', 'checks']);
    assert.deepEqual([first.status, first.body.status, first.body.checks], [200, 'healthy', healthy]);

    await redis.process.stop('SIGTERM');
    const noRedis = await follows(program, 'redis', 'unhealthy');
    assert.deepEqual([noRedis.status, noRedis.checks], ['degraded', { ...healthy, redis: 'unhealthy' }]);
    const stillReady = await readJson(program, '/ready');
    assert.deepEqual([stillReady.status, stillReady.body.ready, stillReady.body.message], [200, true, 'ready']);
    const { duration, ...redisCheck } = (stillReady.body.checks as Record<string, Record<string, unknown>>).redis ?? {};
    assert.deepEqual(redisCheck, { passed: false, error: 'The connection was refused (connect_refused)' });
    assert.match(String(duration), /^\d+(?:\.\d+)?m?s$/);

    await postgres.process.stop('SIGINT');
    const noDatabase = await follows(program, 'database', 'unhealthy');
    assert.equal(noDatabase.status, 'unhealthy');
    assert.equal((await getOnce(program.port, '/health')).status, 503);
    const unready = await readJson(program, '/ready');
    assert.deepEqual([unready.status, unready.body.message], [503, 'dependency database is unhealthy']);
    const metrics = await readMetrics(program.port);
    assert.deepEqual(
      Object.keys(healthy).map((name) => metrics.get(`rwwwrse_dependency_up{name="${name}"}`)),
      [0, 0, 1],
    );
    assert.equal((await getOnce(program.port, '/', 'any.example')).status, 200, 'requests are served all the same');

    api.state.status = 500;
    await follows(program, 'external_api', 'unhealthy');
    api.state.status = 204;
    await Promise.all([postgres.process.start(), redis.process.start()]);
    for (const name of Object.keys(healthy)) await follows(program, name, 'healthy');
    const last = await readJson(program, '/health');
    assert.deepEqual([last.status, last.body.status], [200, 'healthy']);
    assert.equal((await readJson(program, '/ready')).status, 200);

    const told = program.log.filter(({ dependency, level }) => dependency !== undefined && level !== 'DEBUG');
    for (const name of Object.keys(healthy))
      assert.deepEqual(
        told.filter(({ dependency }) => dependency === name).map(({ level, event }) => [level, event]),
        [
          ['WARN', 'failed'],
          ['INFO', 'recovered'],
        ],
        name,
      );
    const everything = program.stdout + program.stderr + (await getOnce(program.port, '/metrics')).body;
    for (const secret of [REDIS_PASSWORD, postgres.password, encodeURIComponent(postgres.password), 'api-secret-1'])
      assert.ok(!everything.includes(secret), secret);
  },
);

test('a required dependency that is away keeps the program unready from its start on, and says why', async (context) => {
  const backend = await startBackend(context);
  backend.state.status = 503;
  const program = await startWithYaml(
    context,
    [`health_check: { interval: ${INTERVAL} }`, 'checks:', `  queue: { url: '${backend.url}/', required: true }`],
    { env: { RWWWRSE_DEFAULT_BACKEND: backend.url } },
  );
  const unready = await readJson(program, '/ready');
  assert.deepEqual([unready.status, unready.body.message], [503, 'dependency queue is unhealthy']);
  backend.state.status = 200;
  await until('ready', async () => (await readJson(program, '/ready')).status === 200);
});

test('a start waits for first checks, so that nobody is told that nothing is known yet', async (context) => {
  const slow = await startHttpBackend(context, (_, response) => void setTimeout(() => response.end('ok'), 800));
  const program = await startProgram(context, {
    env: { RWWWRSE_DEFAULT_BACKEND: slow.url, RWWWRSE_HEALTH_EXTERNAL_API_URL: `${slow.url}/` },
  });
  assert.deepEqual((await readJson(program, '/health')).body.checks, { external_api: 'healthy' });
});

test('without the package pg the check of a database fails, and says what to install', async (context) => {
  const hide = `import { registerHooks } from 'node:module';
registerHooks({ resolve(name, context, next) {
  if (name === 'pg') throw Object.assign(new Error('hidden'), { code: 'ERR_MODULE_NOT_FOUND' });
  return next(name, context);
} });`;
  const backend = await startBackend(context);
  const program = await startProgram(context, {
    nodeFlags: ['--import', `data:text/javascript,${encodeURIComponent(hide)}`],
    env: { RWWWRSE_DEFAULT_BACKEND: backend.url, DATABASE_URL: 'postgres://a:hidden-secret@127.0.0.1:1/b' },
  });
  const line = await program.untilLogged('dependency is unhealthy');
  assert.deepEqual([line.dependency, line.code, line.detail], ['database', 'package_missing', 'npm install pg']);
  const { status, body } = await readJson(program, '/health');
  assert.deepEqual([status, body.status, body.checks], [200, 'degraded', { database: 'unhealthy' }]);
  assert.ok(!program.stdout.includes('hidden-secret'));
});
