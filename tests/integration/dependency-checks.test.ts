import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import test, { type TestContext } from 'node:test';

import type { DependencySettings } from '../../src/config/resilience-settings.ts';
import type { CheckOutcome } from '../../src/controlplane/probes/check.ts';
import { dependencyCheck } from '../../src/controlplane/probes/dependency-check.ts';
import { type AddressLookup, NameResolver } from '../../src/controlplane/probes/name-resolver.ts';
import { freePort } from '../support/free-port.ts';
import { startHttpBackend } from '../support/http-backend.ts';
import { MISSING_POSTGRES, startPostgres } from '../support/postgres-server.ts';
import { MISSING_REDIS, startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';

/** Checks a dependency once. */
function checkOnce(
  kind: DependencySettings['kind'],
  url: string,
  settings: Partial<DependencySettings> = {},
  lookup: AddressLookup = () => Promise.resolve([]),
): Promise<CheckOutcome> {
  const dependency: DependencySettings = {
    name: 'thing',
    kind,
    url,
    intervalMs: 1_000,
    timeoutMs: 5_000,
    unhealthyThreshold: 1,
    healthyThreshold: 1,
    expectedStatuses: [{ from: 200, to: 299 }],
    required: true,
    ...settings,
  };
  return dependencyCheck(dependency, new NameResolver(lookup))();
}

async function verdictOf(check: Promise<CheckOutcome>): Promise<[CheckOutcome['failure'], string | null]> {
  const { failure, detail } = await check;
  return [failure, detail];
}

/** A server that accepts, says what it is told to say, and is silent. */
async function startMumbling(context: TestContext, greeting: string): Promise<{ port: number; open: () => number }> {
  let open = 0;
  const server = createServer((socket) => {
    open++;
    socket.on('error', () => undefined);
    socket.once('close', () => open--);
    socket.resume();
    socket.write(greeting, 'latin1');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => void server.close());
  return { port: (server.address() as { port: number }).port, open: () => open };
}

test(
  'PostgreSQL is asked SELECT 1 after a real login, over TCP and over its socket',
  { skip: MISSING_POSTGRES },
  async (context) => {
    const { url, port, password, folder, process: server } = await startPostgres(context);
    assert.deepEqual(await verdictOf(checkOnce('postgres', url)), [null, null]);
    const bySocket = `postgres:///postgres?host=${folder}&port=${port}&user=checker&password=${encodeURIComponent(password)}`;
    assert.deepEqual(await verdictOf(checkOnce('postgres', bySocket)), [null, null]);
    assert.deepEqual(
      await verdictOf(checkOnce('postgres', url.replace(/:[^:]*@/, ':wrong@'))),
      ['command_refused', '28P01'],
      'invalid_password',
    );
    assert.deepEqual(
      await verdictOf(checkOnce('postgres', url.replace(/postgres$/, 'nothere'))),
      ['command_refused', '3D000'],
      'invalid_catalog_name',
    );
    server.signal('SIGSTOP');
    assert.equal((await checkOnce('postgres', url, { timeoutMs: 200 })).failure, 'answer_timeout');
    server.signal('SIGCONT');
    await server.stop('SIGINT');
    assert.deepEqual(await verdictOf(checkOnce('postgres', url)), ['connect_refused', 'ECONNREFUSED']);
    await server.start();
    assert.deepEqual(await verdictOf(checkOnce('postgres', url)), [null, null]);
  },
);

test('Redis is asked PING, after AUTH and SELECT where the URL says so', { skip: MISSING_REDIS }, async (context) => {
  const { port, process: server } = await startRedis(context, [
    '--requirepass',
    'pass/word@:$3',
    '--user',
    'app',
    'on',
    '>pw',
    '+ping',
    '+select',
  ]);
  const redis = (place: string) => verdictOf(checkOnce('redis', `redis://${place}`));
  assert.deepEqual(await redis(`:pass%2Fword%40%3A$3@127.0.0.1:${port}/3`), [null, null]);
  assert.deepEqual(await redis(`app:pw@127.0.0.1:${port}`), [null, null]);
  assert.deepEqual(await redis(`127.0.0.1:${port}`), ['command_refused', 'NOAUTH Authentication required.']);
  const [failure, detail] = await redis(`:wrong@127.0.0.1:${port}`);
  assert.equal(failure, 'command_refused');
  assert.match(String(detail), /^WRONGPASS /);
  assert.deepEqual(await redis(`app:pw@127.0.0.1:${port}/99`), ['command_refused', 'ERR DB index is out of range']);
  server.signal('SIGSTOP');
  assert.equal((await checkOnce('redis', `redis://127.0.0.1:${port}`, { timeoutMs: 200 })).failure, 'answer_timeout');
  server.signal('SIGCONT');
  await server.stop('SIGTERM');
  assert.deepEqual(await redis(`app:pw@127.0.0.1:${port}`), ['connect_refused', 'ECONNREFUSED']);
});

test('what is no Redis, or sends without end, fails and is left at once', async (context) => {
  const cases = [
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'answer_invalid'],
    ['+OK\r\n', 'answer_invalid'],
    [':1\r\n', 'answer_invalid'],
    ['x'.repeat(100_000), 'answer_invalid'],
    ['-LOADING Redis is loading the dataset in memory\r\n', 'command_refused'],
    ['', 'answer_timeout'],
  ] as const;
  for (const [greeting, failure] of cases) {
    const { port, open } = await startMumbling(context, greeting);
    const outcome = await checkOnce('redis', `redis://127.0.0.1:${port}`, {
      timeoutMs: failure === 'answer_timeout' ? 100 : 5_000,
    });
    assert.equal(outcome.failure, failure, greeting.slice(0, 30));
    await until('the connection is closed', () => open() === 0);
  }
});

test('what is no PostgreSQL, or says nothing, fails and is left at once', async (context) => {
  for (const [greeting, timeoutMs] of [
    ['', 200],
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 1_000],
    ['E\0\0\0\x05\0', 1_000],
    // It lets everybody in, and never answers a query: what the client says about that must not end the program.
    ['R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I', 200],
  ] as const) {
    const { port, open } = await startMumbling(context, greeting);
    const outcome = await checkOnce('postgres', `postgres://a:b@127.0.0.1:${port}/c`, { timeoutMs });
    assert.notEqual(outcome.failure, null);
    await until('the connection is closed', () => open() === 0);
  }
});

test('an HTTP dependency is asked with its path, its query and its credentials', async (context) => {
  const seen: unknown[] = [];
  const backend = await startHttpBackend(context, (request, response) => {
    seen.push([request.url, request.headers.host, request.headers.authorization]);
    response.writeHead(request.url === '/down' ? 503 : 200).end();
  });
  const place = `127.0.0.1:${backend.port}`;
  assert.deepEqual(await verdictOf(checkOnce('http', `http://me:p%40ss@${place}/status?full=1`)), [null, null]);
  assert.deepEqual(seen, [['/status?full=1', place, `Basic ${Buffer.from('me:p@ss').toString('base64')}`]]);
  const down = await checkOnce('http', `http://${place}/down`);
  assert.deepEqual([down.failure, down.status], ['status_unexpected', 503]);
  const expectedStatuses = [{ from: 503, to: 503 }];
  assert.equal((await checkOnce('http', `http://${place}/down`, { expectedStatuses })).failure, null);
});

test('a TCP dependency is a connection', async (context) => {
  const { port } = await startMumbling(context, '');
  assert.deepEqual(await verdictOf(checkOnce('tcp', `tcp://127.0.0.1:${port}`)), [null, null]);
  assert.deepEqual(await verdictOf(checkOnce('tcp', `tcp://127.0.0.1:${await freePort()}`)), [
    'connect_refused',
    'ECONNREFUSED',
  ]);
});

test('names are looked up for every check: unknown ones are unresolved, and a resolver that hangs holds nobody up', async (context) => {
  const { port } = await startMumbling(context, '');
  const url = `tcp://thing.example:${port}`;
  let asked = 0;
  const lookups: AddressLookup[] = [
    () => Promise.resolve(['127.0.0.1']),
    () => Promise.resolve([]),
    () => Promise.reject(Object.assign(new Error('not found'), { code: 'ENOTFOUND' })),
    () => {
      asked++;
      return new Promise(() => undefined);
    },
  ];
  const failures = [];
  for (const lookup of lookups) failures.push((await checkOnce('tcp', url, { timeoutMs: 100 }, lookup)).failure);
  assert.deepEqual(failures, [null, 'unresolved', 'unresolved', 'unresolved']);
  const hanging = new NameResolver(lookups[3] as AddressLookup);
  const dependency = { name: 'x', kind: 'tcp', url, timeoutMs: 50 } as DependencySettings;
  asked = 0;
  for (let i = 0; i < 3; i++) assert.equal((await dependencyCheck(dependency, hanging)()).failure, 'unresolved');
  assert.equal(asked, 1, 'one question at a time');
});

test('a name of PostgreSQL is looked up by the same resolver', { skip: MISSING_POSTGRES }, async (context) => {
  const { url } = await startPostgres(context);
  const named = url.replace('127.0.0.1', 'db.example');
  const lookup: AddressLookup = (host) => Promise.resolve(host === 'db.example' ? ['127.0.0.1'] : []);
  assert.deepEqual(await verdictOf(checkOnce('postgres', named, {}, lookup)), [null, null]);
  assert.equal((await checkOnce('postgres', named, {}, () => Promise.resolve([]))).failure, 'unresolved');
});

test('a URL that cannot be used says so', async () => {
  for (const url of ['ftp://a/', 'tcp://a', 'http://', 'redis://:%zz@a'])
    assert.equal((await checkOnce('tcp', url)).failure, 'url_invalid', url);
});
