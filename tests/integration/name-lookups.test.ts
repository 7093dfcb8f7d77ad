import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import type { DiscoverySettings } from '../../src/config/resilience-settings.ts';
import { DnsSource } from '../../src/controlplane/discovery/dns-source.ts';
import { MachineNamesReader } from '../../src/controlplane/discovery/machine-names.ts';
import { type NameServer, startNameServer } from '../support/name-server.ts';
import { createFolder } from '../support/yaml-program.ts';

const SETTINGS: DiscoverySettings = { minTtlMs: 5_000, maxTtlMs: 300_000, servers: [], timeoutMs: 1_000 };
function sourceOf(
  context: TestContext,
  server: NameServer,
  changes: { hosts?: string; settings?: Partial<DiscoverySettings> } = {},
): DnsSource {
  const folder = createFolder(context);
  const files = { hosts: join(folder, 'hosts'), resolver: join(folder, 'resolv.conf') };
  writeFileSync(files.hosts, changes.hosts ?? '');
  const settings = { ...SETTINGS, servers: [server.address], ...changes.settings };
  return new DnsSource(settings, new MachineNamesReader(files));
}

test('all addresses of a name with the least TTL, sorted', async (t) => {
  const server = await startNameServer(t);
  server.zones.set('app.test', { a: ['10.0.0.3', '10.0.0.1', '10.0.0.2'], ttl: 7 });
  const answer = await sourceOf(t, server).addresses('app.test');
  assert.deepEqual(answer, { kind: 'found', value: ['10.0.0.1', '10.0.0.2', '10.0.0.3'], ttlMs: 7_000 });
});

for (const [ipv6, expected] of [
  ['all', ['10.0.0.1', '2001:db8::1', '::1']],
  ['loopback', ['10.0.0.1', '::1']],
  ['none', ['10.0.0.1']],
] as const) {
  test(`IPv6 addresses that a machine has no way to are left out: ${ipv6}`, async (t) => {
    const server = await startNameServer(t);
    server.zones.set('both.test', { a: ['10.0.0.1'], aaaa: ['2001:db8::1', '::1'], ttl: 7 });
    const machine = { current: () => Promise.resolve({ hosts: new Map(), resolverStamp: '', ipv6 }) };
    const source = new DnsSource({ ...SETTINGS, servers: [server.address] }, machine);
    const answer = await source.addresses('both.test');
    assert.deepEqual(answer.kind === 'found' && answer.value, expected);
  });
}

test('a name server that never answers for IPv6 does not keep the IPv4 addresses', async (t) => {
  const server = await startNameServer(t);
  server.zones.set('app.test', { a: ['10.0.0.1'], silentFor: ['aaaa'] });
  const answer = await sourceOf(t, server, { settings: { timeoutMs: 5_000 } }).addresses('app.test');
  assert.deepEqual(answer.kind === 'found' && answer.value, ['10.0.0.1']);
});

test('a cut answer is asked for again by TCP', async (t) => {
  const server = await startNameServer(t);
  const many = Array.from({ length: 200 }, (_, i) => `10.0.1.${i}`);
  server.zones.set('many.test', { a: many, trouble: 'truncated' });
  const answer = await sourceOf(t, server).addresses('many.test');
  assert.equal(answer.kind === 'found' && answer.value.length, 200);
  assert.ok(server.questions.some(({ overTcp }) => overTcp));
});

test('tells what is absent from what failed and from what never came', async (t) => {
  const server = await startNameServer(t);
  server.zones.set('empty.test', {});
  server.zones.set('broken.test', { trouble: 'servfail' });
  server.zones.set('silent.test', { trouble: 'silent' });
  server.zones.set('rubbish.test', { trouble: 'rubbish' });
  const source = sourceOf(t, server, { settings: { timeoutMs: 300 } });
  const kinds = async (name: string): Promise<string> => (await source.addresses(name)).kind;
  assert.equal(await kinds('nowhere.test'), 'absent');
  assert.equal(await kinds('empty.test'), 'absent');
  assert.equal(await kinds('broken.test'), 'failed');
  assert.equal(await kinds('silent.test'), 'timeout');
  assert.notEqual(await kinds('rubbish.test'), 'found');
});

test('the hosts file comes first, and nobody is asked about its names, about addresses or about localhost', async (t) => {
  const server = await startNameServer(t);
  server.zones.set('app.test', { a: ['10.0.0.1'] });
  const source = sourceOf(t, server, { hosts: '10.9.9.9 app.test\n' });
  assert.deepEqual(await source.addresses('app.test'), { kind: 'found', value: ['10.9.9.9'], ttlMs: 0 });
  assert.deepEqual(await source.addresses('10.1.1.1'), { kind: 'found', value: ['10.1.1.1'], ttlMs: Infinity });
  assert.deepEqual(await source.addresses('::1'), { kind: 'found', value: ['::1'], ttlMs: Infinity });
  assert.deepEqual(await source.addresses('localhost'), { kind: 'found', value: ['127.0.0.1'], ttlMs: Infinity });
  assert.equal(server.questions.length, 0);
});

test('where name servers are configured, the system is not asked for what they do not know', async (t) => {
  const server = await startNameServer(t);
  const source = sourceOf(t, server);
  // Known to the system by its own hosts file, which this source does not read.
  const answer = await source.addresses((await import('node:os')).hostname());
  assert.equal(answer.kind, 'absent');
});

test('SRV records of the lowest priority, with weights from 1', async (t) => {
  const server = await startNameServer(t);
  server.zones.set('_http._tcp.app.test', {
    srv: [
      { priority: 10, weight: 5, port: 8081, target: 'B.app.test' },
      { priority: 20, weight: 5, port: 8083, target: 'backup.app.test' },
      { priority: 10, weight: 0, port: 8082, target: 'a.app.test' },
    ],
    ttl: 60,
  });
  assert.deepEqual(await sourceOf(t, server).services('_http._tcp.app.test'), {
    kind: 'found',
    value: [
      { host: 'a.app.test', port: 8082, weight: 1 },
      { host: 'b.app.test', port: 8081, weight: 5 },
    ],
    ttlMs: 0,
  });
});

test('an SRV record that says that there is no service is no service', async (t) => {
  const server = await startNameServer(t);
  server.zones.set('_http._tcp.off.test', { srv: [{ priority: 0, weight: 0, port: 0, target: '' }] });
  assert.equal((await sourceOf(t, server).services('_http._tcp.off.test')).kind, 'absent');
});

test('hundreds of names at once are all answered', async (t) => {
  const server = await startNameServer(t);
  const names = Array.from({ length: 400 }, (_, i) => `app${i}.test`);
  names.forEach((name, i) => server.zones.set(name, { a: [`10.1.${i >> 8}.${i & 255}`] }));
  const source = sourceOf(t, server);
  const answers = await Promise.all(names.map((name) => source.addresses(name)));
  assert.ok(answers.every(({ kind }) => kind === 'found'));
});

test('however many name servers are silent, a look-up takes no longer than it may', async (t) => {
  const servers = await Promise.all(Array.from({ length: 5 }, () => startNameServer(t)));
  for (const server of servers) server.silent = true;
  const [first] = servers as [NameServer];
  const settings = { servers: servers.map(({ address }) => address), timeoutMs: 600 };
  assert.equal((await sourceOf(t, first, { settings }).addresses('app.test')).kind, 'timeout');
  // Both families, four of ten tries: the rest would come later.
  const asked = servers.reduce((sum, { questions }) => sum + questions.length, 0);
  assert.ok(asked <= 10, `${asked} questions`);
});
