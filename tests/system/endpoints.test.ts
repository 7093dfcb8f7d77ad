import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';
import test from 'node:test';

import { freePort } from '../support/free-port.ts';
import { startHttpBackend } from '../support/http-backend.ts';
import { getOnce, RawConnection } from '../support/http-client.ts';
import type { Program } from '../support/program.ts';
import { until } from '../support/until.ts';
import { startWithYaml } from '../support/yaml-program.ts';

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

interface State {
  readonly healthy: boolean;
  readonly consecutive_failures: number;
  readonly [key: string]: unknown;
}

/** Two workers, a routed host whose backend lives, one whose backend is gone, and a listener for operations. */
async function startRouted(context: TestContext) {
  const backend = await startHttpBackend(context, (_request, response) => response.end('backend'));
  const [operationsPort, deadPort] = [await freePort(), await freePort()];
  const dead = `http://127.0.0.1:${deadPort}`;
  const lines = [
    'debug_mode: true',
    'routes:',
    `  live: { host: live.example, target: "${backend.url}" }`,
    `  dead: { host: dead.example, target: "${dead}" }`,
  ];
  const env = { RWWWRSE_METRICS_PORT: String(operationsPort) };
  return { program: await startWithYaml(context, lines, { env }), backend, dead, operationsPort };
}

async function stateOf(port: number, host: string): Promise<{ status: number; body: { backends: State[] } }> {
  const { status, body } = await getOnce(port, `/health/${host}`);
  return { status, body: JSON.parse(body) as { backends: State[] } };
}

/** Answers on so many connections of their own that both workers are among those who gave them. */
async function fromManyConnections<T>(ask: () => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  for (let i = 0; i < 24; i++) answers.push(await ask());
  return answers;
}

test('/health, /ready and /live have the documented shapes, on the main port and on the port for operations', async (context) => {
  const { program, operationsPort } = await startRouted(context);
  for (const port of [program.port, operationsPort]) {
    const health = await getOnce(port, '/health?verbose');
    assert.equal(health.status, 200);
    assert.match(health.head, /\r\nContent-Type: application\/json\r\n/);
    assert.match(health.head, /\r\nCache-Control: no-store\r\n/);
    const body = JSON.parse(health.body) as Record<string, unknown>;
    assert.deepEqual(Object.keys(body), ['status', 'timestamp', 'version', 'uptime', 'checks']);
    assert.equal(body.status, 'healthy');
    assert.match(String(body.timestamp), TIMESTAMP);
    assert.match(String(body.uptime), /^(?:\d+h)?(?:\d+m)?\d+s$/);
    const ready = JSON.parse((await getOnce(port, '/ready')).body) as Record<string, unknown>;
    assert.deepEqual([Object.keys(ready), ready.ready], [['ready', 'timestamp', 'checks', 'message'], true]);
    const live = JSON.parse((await getOnce(port, '/live')).body) as Record<string, unknown>;
    assert.deepEqual([Object.keys(live), live.alive], [['alive', 'timestamp', 'checks', 'message'], true]);
  }
  assert.equal((await getOnce(operationsPort, '/')).status, 404);
});

test('HEAD has the fields of GET and no body; other methods are 405 with Allow; the connection goes on', async (context) => {
  const { program } = await startRouted(context);
  const connection = await new RawConnection(program.port).opened();
  context.after(() => connection.destroy());
  const fieldsOf = (head: string): string =>
    head.replaceAll(/\r\n(?:Date|X-Request-ID): [^\r]*/g, '').replace(/Content-Length: \d+/, 'Content-Length: N');
  for (const path of ['/health', '/ready', '/live', '/health/live.example', '/debug/backends']) {
    connection.get(path);
    const get = await connection.answer();
    connection.send(`HEAD ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await until('the head arrived', () => connection.received.endsWith('\r\n\r\n'));
    assert.equal(fieldsOf(connection.received.slice(0, -4)), fieldsOf(get.head), path);
    assert.match(connection.received, /\r\nContent-Length: [1-9]/);
    connection.received = '';
    connection.send(`DELETE ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    const refused = await connection.answer();
    assert.equal(refused.status, 405, path);
    assert.match(refused.head, /\r\nAllow: GET, HEAD\r\n/);
  }
});

test('a routed host keeps its own paths; the proxy has them on every other name', async (context) => {
  const { program, operationsPort } = await startRouted(context);
  for (const path of ['/health', '/ready', '/live', '/metrics', '/health/live.example', '/debug/backends'])
    assert.equal((await getOnce(program.port, path, 'live.example')).body, 'backend', path);
  assert.match((await getOnce(program.port, '/health', 'other.example')).body, /"status":"healthy"/);
  assert.match((await getOnce(operationsPort, '/health', 'live.example')).body, /"status":"healthy"/);
});

test('/health/<host> says the same from every worker: healthy, then 503 when its backend fails', async (context) => {
  const { program, dead } = await startRouted(context);
  for (let i = 0; i < 5; i++) assert.equal((await getOnce(program.port, '/', 'live.example')).status, 200);
  for (let i = 0; i < 5; i++) assert.equal((await getOnce(program.port, '/', 'dead.example')).status, 502);
  for (const { status, body } of await fromManyConnections(() => stateOf(program.port, 'live.example'))) {
    assert.equal(status, 200);
    const [backend] = body.backends;
    assert.deepEqual(
      [backend?.healthy, backend?.consecutive_successes, backend?.consecutive_failures, backend?.status_code],
      [true, 5, 0, 200],
    );
    assert.match(String(backend?.last_check), TIMESTAMP);
    assert.ok(Number(backend?.response_time) > 0);
  }
  for (const { status, body } of await fromManyConnections(() => stateOf(program.port, 'dead.example'))) {
    assert.equal(status, 503);
    const { last_check: _, ...backend } = body.backends[0] as State;
    assert.deepEqual(backend, {
      backend: dead,
      healthy: false,
      response_time: null,
      consecutive_failures: 5,
      consecutive_successes: 0,
      status_code: null,
      error: 'The backend refused the connection (backend_connect_refused)',
      circuit: 'closed',
    });
  }
  assert.equal((await getOnce(program.port, '/health/unknown.example')).status, 404);
});

test('/debug/backends lists backends with their connections and routes, exact over the workers', async (context) => {
  const { program, backend, dead } = await startRouted(context);
  const connections = await Promise.all(Array.from({ length: 8 }, () => new RawConnection(program.port).opened()));
  context.after(() => connections.forEach((connection) => connection.destroy()));
  for (const connection of connections) connection.get('/', 'live.example');
  for (const connection of connections) assert.equal((await connection.answer()).status, 200);
  await until('all backend connections are idle again', async () => {
    const list = JSON.parse((await getOnce(program.port, '/debug/backends')).body) as { backends: State[] };
    const routesOf = new Map(list.backends.map(({ backend: name, routes }) => [name, routes]));
    assert.equal(routesOf.size, 2);
    assert.deepEqual(routesOf.get(backend.url), [{ name: 'live', host: 'live.example', path: '/', weight: 1 }]);
    assert.deepEqual(routesOf.get(dead), [{ name: 'dead', host: 'dead.example', path: '/', weight: 1 }]);
    const used = list.backends.find(({ backend: name }) => name === backend.url);
    const { active, idle, pending } = (used as State).connections as Record<string, number>;
    return active === 0 && pending === 0 && idle === backend.sockets.size && backend.sockets.size > 0;
  });
});

test('metrics are refused to a request that came through another proxy on this machine', async (context) => {
  const { program, operationsPort } = await startRouted(context);
  const status = async (port: number, line: string): Promise<number> => {
    const connection = await new RawConnection(port).opened();
    connection.send(`GET /metrics HTTP/1.1\r\nHost: localhost\r\n${line}\r\n`);
    const answer = await connection.answer();
    connection.destroy();
    return answer.status;
  };
  assert.equal(await status(program.port, ''), 200);
  for (const line of [
    'X-Forwarded-For: 203.0.113.9',
    'Forwarded: for=203.0.113.9',
    'X-Real-IP: 203.0.113.9',
    'Via: 1.1 edge',
  ]) {
    assert.equal(await status(program.port, `${line}\r\n`), 403, line);
    assert.equal(await status(operationsPort, `${line}\r\n`), 200, line);
  }
});

test('an error is JSON, problem details or a page, as Accept says, always with its request id', async (context) => {
  const { program } = await startRouted(context);
  const connection = await new RawConnection(program.port).opened();
  context.after(() => connection.destroy());
  const cases = [
    ['*/*', 'application/json'],
    ['application/problem+json', 'application/problem+json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/html; charset=utf-8'],
  ] as const;
  for (const [accept, contentType] of cases) {
    connection.send(
      `GET / HTTP/1.1\r\nHost: dead.example\r\nAccept: ${accept}\r\nX-Request-ID: id-of-the-test\r\n\r\n`,
    );
    const { status, head, body } = await connection.answer();
    assert.equal(status, 502);
    assert.ok(head.includes(`\r\nContent-Type: ${contentType}\r\n`), head);
    assert.match(head, /\r\nX-Request-ID: id-of-the-test(?:\r\n|$)/);
    assert.match(body, /backend_connect_refused.*id-of-the-test/);
  }
});

test("a route's own page answers for it, also to HEAD, and for no other route", async (context) => {
  const dead = `http://127.0.0.1:${await freePort()}`;
  const program = await startWithYaml(context, [
    'routes:',
    '  paged:',
    '    host: paged.example',
    `    target: "${dead}"`,
    '    error_pages: { 5xx: { text: "<p>{{status}} {{request_id}}</p>", content_type: text/html } }',
    `  plain: { host: plain.example, target: "${dead}" }`,
  ]);
  const connection = await new RawConnection(program.port).opened();
  context.after(() => connection.destroy());
  connection.send('GET / HTTP/1.1\r\nHost: paged.example\r\nX-Request-ID: id-of-the-test\r\n\r\n');
  const paged = await connection.answer();
  assert.deepEqual([paged.status, paged.body], [502, '<p>502 id-of-the-test</p>']);
  assert.match(paged.head, /\r\nContent-Type: text\/html\r\n/);
  connection.send('HEAD / HTTP/1.1\r\nHost: paged.example\r\nX-Request-ID: id-of-the-test\r\n\r\n');
  await until('the head arrived', () => connection.received.endsWith('\r\n\r\n'));
  assert.match(connection.received, /^HTTP\/1\.1 502 .*\r\nContent-Length: 25\r\n/s);
  assert.match((await getOnce(program.port, '/', 'plain.example')).head, /\r\nContent-Type: application\/json\r\n/);
});

for (const [name, args] of [
  ['curl', ['-fsS', '-o', '/dev/null']],
  ['curl', ['-fsSI', '-o', '/dev/null']],
  ['wget', ['-q', '--tries=1', '--spider']],
] as const) {
  test(`${name} ${args.join(' ')} tells a healthy proxy and host from a failing one`, async (context) => {
    if (spawnSync(name, ['--version']).status !== 0) {
      context.skip(`missing: ${name}`);
      return;
    }
    const { program } = await startRouted(context);
    const run = (path: string): number | null =>
      spawnSync(name, [...args, program.url(path)], { timeout: 20_000, env: { PATH: process.env.PATH } }).status;
    for (const path of ['/health', '/ready', '/live', '/health/live.example']) assert.equal(run(path), 0, path);
    await failThreeTimes(program);
    assert.notEqual(run('/health/dead.example'), 0);
    assert.notEqual(run('/health/unknown.example'), 0);
  });
}

async function failThreeTimes(program: Program): Promise<void> {
  for (let i = 0; i < 3; i++) assert.equal((await getOnce(program.port, '/', 'dead.example')).status, 502);
}
