import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createServer } from 'node:http';
import test from 'node:test';

import { MISSING_DEAF_PORT, openDeafPort } from '../support/deaf-port.ts';
import { freePort } from '../support/free-port.ts';
import { type RawPeer, startRawBackend } from '../support/raw-backend.ts';
import { type Rig, type RigBackend, startRig } from '../support/rig.ts';
import { until } from '../support/until.ts';
import { createFolder } from '../support/yaml-program.ts';

function at(...ports: readonly number[]): RigBackend {
  return { addresses: ports.map((port) => ({ host: '127.0.0.1', port })) };
}

async function ask(rig: Rig, path = '/'): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${rig.port}${path}`, { headers: { connection: 'close' } });
  return { status: response.status, text: await response.text() };
}

test('connections take turns over all addresses of a backend', async (t) => {
  const held: RawPeer[] = [];
  const [one, two] = [
    await startRawBackend(t, (peer) => void held.push(peer)),
    await startRawBackend(t, (peer) => void held.push(peer)),
  ];
  const rig = await startRig(t, { backends: [at(one.port, two.port)] });
  const asked = Array.from({ length: 6 }, () => ask(rig));
  await until('all are there', () => held.length === 6);
  assert.deepEqual([one.peers.length, two.peers.length], [3, 3]);
  for (const peer of held) peer.answer('ok');
  await Promise.all(asked);
  await rig.settle();
});

test('an address that refuses is skipped without a failed request, and then left alone for a while', async (t) => {
  const backend = await startRawBackend(t, (peer) => peer.answer('ok'));
  const rig = await startRig(t, { backends: [at(await freePort(), backend.port)], pool: { maxIdle: 0 } });
  for (let i = 0; i < 20; i++) assert.equal((await ask(rig)).status, 200);
  await until('it is told', () => rig.warnings.length > 0);
  assert.equal(rig.warnings.length, 1);
  assert.equal(rig.warnings[0]?.message, 'backend address cannot be connected to');
  assert.equal(rig.warnings[0]?.values.code, 'backend_connect_refused');
  assert.deepEqual(rig.failures, []);
  await rig.settle();
});

test('an address that does not answer is left for the next one within the connect timeout', async (t) => {
  const deaf = await openDeafPort(t);
  if (deaf === null) {
    t.skip(MISSING_DEAF_PORT);
    return;
  }
  const backend = await startRawBackend(t, (peer) => peer.answer('ok'));
  const rig = await startRig(t, {
    backends: [at(deaf, backend.port)],
    pool: { maxIdle: 0, connectTimeoutMs: 600 },
  });
  for (let i = 0; i < 4; i++) assert.equal((await ask(rig)).status, 200);
  assert.equal(backend.peers.length, 4);
  await rig.settle();
});

test('a request fails with the reason of the last address when none accepts', async (t) => {
  const rig = await startRig(t, { backends: [at(await freePort(), await freePort(), await freePort())] });
  assert.equal((await ask(rig)).status, 502);
  assert.deepEqual(rig.failures, ['backend_connect_refused']);
  await rig.settle();
});

test('a backend without an address is 502, and heals with its first address', async (t) => {
  const backend = await startRawBackend(t, (peer) => peer.answer('ok'));
  const rig = await startRig(t, { backends: [at()] });
  assert.equal((await ask(rig)).status, 502);
  assert.deepEqual(rig.failures, ['backend_unresolved']);
  rig.update([at(backend.port)]);
  assert.equal((await ask(rig)).status, 200);
  await rig.settle();
});

test('other addresses: idle connections to what is gone close, requests that run end on theirs, new ones go to the new', async (t) => {
  const held: RawPeer[] = [];
  const old = await startRawBackend(t, (peer, target) => {
    if (target === '/held') held.push(peer);
    else peer.answer('old');
  });
  const stays = await startRawBackend(t, (peer) => peer.answer('stays'));
  const fresh = await startRawBackend(t, (peer) => peer.answer('fresh'));
  const rig = await startRig(t, { backends: [at(old.port)] });
  const running = ask(rig, '/held');
  await until('it is held', () => held.length === 1);
  assert.equal((await ask(rig)).text, 'old');
  rig.update([at(fresh.port)]);
  await until('the idle connection closed', () => old.open.length === 1 || old.peers[1]?.ended === true);
  for (let i = 0; i < 3; i++) assert.equal((await ask(rig)).text, 'fresh');
  held[0]?.answer('late');
  assert.equal((await running).text, 'late');
  await until('its connection closed behind it', () => old.peers.every(({ ended }) => ended));
  rig.update([at(fresh.port, stays.port)]);
  assert.equal(rig.gauges.upstreamIdle, 1);
  assert.equal((await ask(rig)).text, 'fresh');
  assert.equal(fresh.peers.length, 1);
  await rig.settle();
});

test('a higher cap serves those that wait at once, a lower one holds as connections come back', async (t) => {
  const held: RawPeer[] = [];
  const backend = await startRawBackend(t, (peer) => void held.push(peer));
  const rig = await startRig(t, { backends: [backend.port], pool: { maxConnections: 1 } });
  const asked = Array.from({ length: 4 }, () => ask(rig));
  await until('all but one wait', () => rig.gauges.requests === 4 && held.length === 1);
  rig.update([backend.port], { maxConnections: 3 });
  await until('two more are served', () => held.length === 3);
  rig.update([backend.port], { maxConnections: 1 });
  for (let i = 0; i < 2; i++) held[i]?.answer('ok');
  await until('their connections closed', () => backend.peers.filter(({ ended }) => ended).length === 2);
  assert.equal(held.length, 3);
  held[2]?.answer('ok');
  await until('the last one is served on the connection that is left', () => held.length === 4);
  held[3]?.answer('ok');
  await Promise.all(asked);
  assert.equal(backend.peers.length, 3);
  await rig.settle();
});

test('addresses that vanish while requests wait fail them all, and none is forgotten', async (t) => {
  const held: RawPeer[] = [];
  const backend = await startRawBackend(t, (peer) => void held.push(peer));
  const rig = await startRig(t, { backends: [at(backend.port)], pool: { maxConnections: 1 } });
  const asked = Array.from({ length: 5 }, () => ask(rig));
  await until('all but one wait', () => rig.gauges.requests === 5 && held.length === 1);
  rig.update([at()]);
  held[0]?.answer('ok');
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  assert.deepEqual(
    [statuses.filter((each) => each === 200).length, statuses.filter((each) => each === 502).length],
    [1, 4],
  );
  await rig.settle();
});

test('a backend on a unix socket', async (t) => {
  const path = join(createFolder(t), 'app.sock');
  const server = createServer((request, response) => response.end(`${request.headers.host} ${request.url}`));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const rig = await startRig(t, { backends: [{ addresses: [{ path }], authority: 'localhost' }] });
  assert.equal((await ask(rig, '/a?b')).text, `127.0.0.1:${rig.port} /a?b`);
  await rig.settle();
  server.close();
  server.closeAllConnections();
  rig.update([{ addresses: [{ path: `${path}.gone` }] }]);
  assert.equal((await ask(rig)).status, 502);
  assert.deepEqual(rig.failures, ['backend_socket_missing']);
});
