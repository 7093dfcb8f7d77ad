import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { freePort } from '../support/free-port.ts';
import { H2ContractClient } from '../support/h2-contract-client.ts';
import { type HttpBackend, startHttpBackend } from '../support/http-backend.ts';
import { readMetrics, sumOf } from '../support/metrics.ts';
import type { Program } from '../support/program.ts';
import { RawClient } from '../support/raw-client.ts';
import { until } from '../support/until.ts';
import { createFolder, startWithYaml } from '../support/yaml-program.ts';

const NO_IPV6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'))
  ? false
  : 'MISSING: this machine has no IPv6 loopback';

interface Listening {
  readonly program: Program;
  readonly backend: HttpBackend;
  readonly ports: Readonly<Record<'four' | 'six' | 'dual' | 'only' | 'h2', number>>;
  readonly socket: string;
}

/** One program with a listener of every kind, each with settings of its own. */
async function startListening(t: TestContext): Promise<Listening> {
  const backend = await startHttpBackend(t, (request, response) => {
    const told = ['x-forwarded-for', 'x-forwarded-port'].map((name) => String(request.headers[name]));
    const answer = (): void => void response.end(`${told.join(' ')} `);
    if (request.url === '/slow') setTimeout(answer, 300);
    else answer();
  });
  const [four, six, dual, only, h2] = await Promise.all([freePort(), freePort(), freePort(), freePort(), freePort()]);
  const socket = join(createFolder(t), 'proxy.sock');
  const program = await startWithYaml(t, [
    'listeners:',
    `  - { name: four, address: '127.0.0.1:${four}', max_target_bytes: 100 }`,
    `  - { name: six, address: '[::1]:${six}', half_close: true }`,
    `  - { name: dual, address: '[::]:${dual}', max_body_bytes: 10 }`,
    `  - { name: only, address: '[::]:${only}', ipv6_only: true, max_requests_per_connection: 1 }`,
    `  - { name: local, address: 'unix:${socket}', mode: '0600', max_header_count: 3 }`,
    `  - { name: h2, address: '127.0.0.1:${h2}', protocol: h2c, max_target_bytes: 200 }`,
    `default_backend: ${backend.url}`,
  ]);
  return { program, backend, ports: { four, six, dual, only, h2 }, socket };
}

type Target = ConstructorParameters<typeof RawClient>[0];

/** Sends bytes and waits until the answer's end is there. */
async function exchange(t: TestContext, target: Target, text: string, end: RegExp): Promise<RawClient> {
  const client = new RawClient(target);
  t.after(() => client.destroy());
  client.send(text);
  await until('the answer', () => end.test(client.text) || client.closed).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${client.text}`);
  });
  assert.match(client.text, end);
  return client;
}

const GET = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n';

test('listeners of every kind serve at once, each with its own settings', { skip: NO_IPV6 }, async (t) => {
  let listening: Listening | null = null;
  await t.test('starts with all of them', async () => {
    listening = await startListening(t);
    const [line] = listening.program.logged('listening');
    assert.ok(Array.isArray(line?.['listeners']) && line['listeners'].length === 6);
  });
  const { program, ports, socket } = listening as unknown as Listening;

  await t.test('an IPv4 listener tells the backend its client and its port', async (u) => {
    await exchange(u, ports.four, GET, new RegExp(`127\\.0\\.0\\.1 ${ports.four} `));
  });
  await t.test('an IPv6 listener tells the backend its client and its port', async (u) => {
    await exchange(u, { host: '::1', port: ports.six }, GET, new RegExp(`::1 ${ports.six} `));
  });
  await t.test('a dual-stack listener serves both, and knows IPv4 clients by their IPv4 address', async (u) => {
    await exchange(u, { host: '::1', port: ports.dual }, GET, new RegExp(`\\r\\n\\r\\n::1 ${ports.dual} `));
    await exchange(u, ports.dual, GET, new RegExp(`\\r\\n\\r\\n127\\.0\\.0\\.1 ${ports.dual} `));
  });
  await t.test('an IPv6-only listener keeps IPv4 clients off', async (u) => {
    await exchange(u, { host: '::1', port: ports.only }, GET, new RegExp(`::1 ${ports.only} `));
    const client = new RawClient(ports.only);
    await until('it is refused', () => client.closed);
    assert.equal(client.errorCode, 'ECONNREFUSED');
  });
  await t.test('a unix socket serves, with its mode, and its clients have no address', async (u) => {
    assert.equal(statSync(socket).mode & 0o777, 0o600);
    await exchange(u, { path: socket }, GET, /\r\n\r\nunknown \S+ /);
  });
  await t.test('an h2c listener speaks HTTP/2', async () => {
    const client = new H2ContractClient(ports.h2);
    const stream = client.open({ path: '/' });
    await until('the answer', () => stream.answer.end === 'clean');
    assert.match(stream.answer.text, new RegExp(`^127\\.0\\.0\\.1 ${ports.h2} `));
    client.close();
  });

  await t.test('limits are those of the listener that was asked', async (u) => {
    const long = `GET /${'x'.repeat(150)} HTTP/1.1\r\nHost: a.test\r\n\r\n`;
    await exchange(u, ports.four, long, /^HTTP\/1\.1 414 /);
    await exchange(u, { host: '::1', port: ports.six }, long, /^HTTP\/1\.1 200 /);
    const post = 'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 11\r\n\r\nhello world';
    await exchange(u, ports.dual, post, /^HTTP\/1\.1 413 /);
    await exchange(u, ports.four, post, /^HTTP\/1\.1 200 /);
    const fields = 'GET / HTTP/1.1\r\nHost: a.test\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n';
    await exchange(u, { path: socket }, fields, /^HTTP\/1\.1 431 /);
    await exchange(u, ports.dual, fields, /^HTTP\/1\.1 200 /);
    const once = await exchange(u, { host: '::1', port: ports.only }, GET, /\r\nConnection: close\r\n/);
    await until('it is closed', () => once.ended);
  });

  await t.test(
    'a client that has closed its sending side is answered where half_close says so, else cancelled',
    async (u) => {
      const slow = 'GET /slow HTTP/1.1\r\nHost: a.test\r\n\r\n';
      const kept = new RawClient({ host: '::1', port: ports.six });
      u.after(() => kept.destroy());
      kept.send(slow);
      kept.fin();
      const cut = new RawClient(ports.four);
      cut.send(slow);
      cut.fin();
      await until('both are over', () => kept.ended && cut.closed);
      assert.match(kept.text, /^HTTP\/1\.1 200 /);
      assert.equal(cut.text, '');
    },
  );

  await t.test('everything is counted and nothing is left', async () => {
    await until('nothing is in flight', async () => {
      const metrics = await readMetrics(ports.four);
      return sumOf(metrics, 'rwwwrse_active_requests') === 1 && sumOf(metrics, 'rwwwrse_internal_defects_total') === 0;
    });
  });

  await t.test('a stop ends with status 0 and removes the unix socket', async () => {
    program.signal('SIGTERM');
    assert.deepEqual(await program.ended(), { code: 0, signal: null });
    assert.equal(statSync(socket, { throwIfNoEntry: false }), undefined);
  });
});
