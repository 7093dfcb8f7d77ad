import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { getOnce } from '../support/http-client.ts';
import { type HostedBackend, startHostedBackends } from '../support/hosted-backend.ts';
import { Load } from '../support/load.ts';
import { metricValue } from '../support/metrics.ts';
import { type NameServer, startNameServer } from '../support/name-server.ts';
import { isRunning, killStarted } from '../support/processes.ts';
import { type Program, startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';
import { createFolder, startWithYaml } from '../support/yaml-program.ts';

const HOSTS = ['127.0.0.1', '127.0.0.2', '127.0.0.3'] as const;

function start(context: TestContext, server: NameServer, routes: readonly string[]): Promise<Program> {
  return startWithYaml(context, [
    `discovery: { servers: ["${server.address}"], min_ttl: 1s, max_ttl: 2s, timeout: 1s }`,
    'routes:',
    ...routes.map((route) => `  ${route}`),
  ]);
}

/** The bodies of some requests, in order, each once. */
async function answering(program: Program, path = '/'): Promise<string> {
  const bodies: string[] = [];
  for (let i = 0; i < 24; i++) bodies.push((await getOnce(program.port, path)).body);
  return [...new Set(bodies)].toSorted().join(' ');
}

function assertNothingFailed(load: Load): void {
  assert.deepEqual([load.refused, load.wrong, load.losses.length], [0, 0, 0]);
}

test('a changed answer under load: traffic follows within the TTL, and nothing fails', async (t) => {
  const [one, two] = (await startHostedBackends(t, HOSTS)) as [HostedBackend, HostedBackend];
  const server = await startNameServer(t);
  server.zones.set('app.test', { a: [one.host], ttl: 1 });
  const program = await start(t, server, [`app: { target: "http://app.test:${one.port}" }`]);
  const load = new Load(t, program.port, 8);
  await until('requests run', () => one.requests > 100);
  for (const [next, other] of [
    [two, one],
    [one, two],
    [two, one],
  ] as const) {
    server.zones.set('app.test', { a: [next.host], ttl: 1 });
    await until('traffic goes to the new address', () => next.requests > 0, 3_500);
    await until('and only there', async () => {
      const before = other.requests;
      const reached = next.requests + 50;
      await until('more requests', () => next.requests > reached);
      return other.requests === before;
    });
    next.requests = 0;
  }
  await load.stop();
  assertNothingFailed(load);
  await program.untilLogged('a backend name has other addresses', 10_000, 3);
  assert.equal(program.logged('a backend name has other addresses').length, 3);
});

test('a resolver that goes silent under load: the last good answer serves, and it is told once', async (t) => {
  const [one] = (await startHostedBackends(t, HOSTS)) as [HostedBackend];
  const server = await startNameServer(t);
  server.zones.set('app.test', { a: [one.host], ttl: 1 });
  const program = await start(t, server, [`app: { target: "http://app.test:${one.port}" }`]);
  const load = new Load(t, program.port, 8);
  await until('requests run', () => one.requests > 100);
  server.silent = true;
  await program.untilLogged('a backend name cannot be resolved');
  const asked = server.questions.length;
  await until('it is asked again and again', () => server.questions.length > asked + 2, 15_000);
  assert.equal(await metricValue(program.port, 'rwwwrse_dns_names{state="stale"}'), 1);
  assert.ok((await metricValue(program.port, 'rwwwrse_dns_lookups_total{result="timeout"}')) >= 1);
  server.silent = false;
  server.zones.delete('app.test');
  await until(
    'the name is gone',
    async () => (await metricValue(program.port, 'rwwwrse_dns_lookups_total{result="absent"}')) >= 1,
  );
  await load.stop();
  assertNothingFailed(load);
  assert.equal(program.logged('a backend name cannot be resolved').length, 1);
});

test('a dead resolver at the start: what needs none is served, the rest is 502 and heals by itself', async (t) => {
  const [one] = (await startHostedBackends(t, HOSTS)) as [HostedBackend];
  const server = await startNameServer(t);
  server.silent = true;
  const program = await start(t, server, [
    `local: { path: /local, target: "http://localhost:${one.port}" }`,
    `named: { path: /named, target: "http://app.test:${one.port}" }`,
    ...Array.from({ length: 40 }, (_, i) => `more${i}: { path: /more${i}, target: "http://more${i}.test" }`),
  ]);
  assert.equal((await getOnce(program.port, '/local')).body, one.host);
  const answer = await getOnce(program.port, '/named');
  assert.equal(answer.status, 502);
  assert.match(answer.body, /backend_unresolved/);
  server.silent = false;
  server.zones.set('app.test', { a: [one.host], ttl: 1 });
  await until('it heals', async () => (await getOnce(program.port, '/named')).status === 200, 30_000);
});

test('dns+http: every address is a backend of its own, which comes and goes with the answer', async (t) => {
  const [one, two, three] = (await startHostedBackends(t, HOSTS)) as [HostedBackend, HostedBackend, HostedBackend];
  const server = await startNameServer(t);
  server.zones.set('app.test', { a: [one.host, two.host], ttl: 1 });
  const program = await start(t, server, [`app: { target: "dns+http://app.test:${one.port}", preserve_host: false }`]);
  assert.equal(await answering(program), `${one.host} ${two.host}`);
  assert.equal(one.lastHost, `app.test:${one.port}`);
  const load = new Load(t, program.port, 8);
  server.zones.set('app.test', { a: [two.host, three.host], ttl: 1 });
  await until('the new backend has requests', () => three.requests > 20);
  await load.stop();
  assertNothingFailed(load);
  assert.equal(await answering(program), `${two.host} ${three.host}`);
  const label = `rwwwrse_backend_requests_total{backend="http://${three.host}:${three.port}",status="200"}`;
  assert.ok((await metricValue(program.port, label)) > 0);
});

test('srv+http: the records of the lowest priority are the backends, with their weights', async (t) => {
  const [one, two, three] = (await startHostedBackends(t, HOSTS)) as [HostedBackend, HostedBackend, HostedBackend];
  const server = await startNameServer(t);
  const { port } = one;
  const record = (priority: number, weight: number, target: string) => ({ priority, weight, port, target });
  server.zones.set('one.test', { a: [one.host] });
  server.zones.set('two.test', { a: [two.host] });
  server.zones.set('three.test', { a: [three.host] });
  server.zones.set('_http._tcp.app.test', {
    srv: [record(1, 30, 'one.test'), record(1, 10, 'two.test'), record(2, 10, 'three.test')],
  });
  const program = await start(t, server, ['app: { target: "srv+http://_http._tcp.app.test", preserve_host: false }']);
  assert.equal(await answering(program), `${one.host} ${two.host}`);
  assert.equal(one.lastHost, `one.test:${port}`);
  assert.ok(one.requests > 2 * two.requests && two.requests > 0, `${one.requests} and ${two.requests}`);
  server.zones.set('_http._tcp.app.test', { srv: [record(2, 10, 'three.test')] });
  await until('the other record serves', async () => (await getOnce(program.port, '/')).body === three.host);
  await until('alone', async () => (await answering(program)) === three.host);
});

test('SIGTERM with names under watch ends the program at once', async (t) => {
  const server = await startNameServer(t);
  server.zones.set('app.test', { a: ['127.0.0.1'], ttl: 1 });
  const program = await start(t, server, ['app: { target: "http://app.test:1" }']);
  program.signal('SIGTERM');
  assert.equal((await program.ended(10_000)).code, 0);
});

test('a reload that hangs while it reads keeps no traffic from following a changed answer, and leaves nothing at a stop', async (t) => {
  const [one, two] = (await startHostedBackends(t, HOSTS)) as [HostedBackend, HostedBackend];
  const server = await startNameServer(t);
  server.zones.set('app.test', { a: [one.host], ttl: 1 });
  const file = join(createFolder(t), 'config.yaml');
  writeFileSync(
    file,
    `hot_reload: false
discovery: { servers: ["${server.address}"], min_ttl: 1s, timeout: 1s }
routes: { app: { target: "http://app.test:${one.port}" } }
`,
  );
  const program = await startProgram(t, { args: ['--config', file] });
  assert.equal((await getOnce(program.port, '/')).body, one.host);
  // As a file on a network that is gone: whoever reads it waits for ever.
  rmSync(file);
  execFileSync('mkfifo', [file]);
  program.signal('SIGHUP');
  const reader = await until('the reload reads', () => childOf(program.pid));
  t.after(() => killStarted(reader));
  server.zones.set('app.test', { a: [two.host], ttl: 1 });
  await until('traffic follows', async () => (await getOnce(program.port, '/')).body === two.host);
  program.signal('SIGTERM');
  assert.equal((await program.ended()).code, 0);
  await until('its reader is gone', () => !isRunning(reader));
});

/** A process that a process has started, or null. */
function childOf(pid: number): number | null {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ');
  return children[0] === '' ? null : Number(children[0]);
}
