import assert from 'node:assert/strict';
import test from 'node:test';

import type { UpstreamBackend } from '../../src/dataplane/exchange/upstream.ts';
import { balancedRequest } from '../support/balanced.ts';
import { MISSING_DEAF_PORT, openDeafPort } from '../support/deaf-port.ts';
import { freePort } from '../support/free-port.ts';
import { type RawPeer, startRawBackend } from '../support/raw-backend.ts';
import { RawClient } from '../support/raw-client.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n';

/** The only backend of a rig. */
function backendOf(rig: Rig): UpstreamBackend {
  return rig.route.group.select(balancedRequest(), null) as UpstreamBackend;
}

/** Clients that sent one request each. */
function askers(t: test.TestContext, rig: Rig, count: number): RawClient[] {
  return Array.from({ length: count }, () => {
    const client = new RawClient(rig.port);
    t.after(() => client.destroy());
    client.send(GET);
    return client;
  });
}

test('requests are in flight from the wait for a connection to the end of the answer', async (t) => {
  const waiting: RawPeer[] = [];
  const server = await startRawBackend(t, (peer) => void waiting.push(peer));
  const rig = await startRig(t, { backends: [server.port], pool: { maxConnections: 2 } });
  const backend = backendOf(rig);
  assert.equal(backend.inFlight, 0);
  askers(t, rig, 5);
  await until('two run and three wait', () => waiting.length === 2 && backend.inFlight === 5);
  for (let answered = 1; answered <= 5; answered++) {
    waiting[answered - 1]?.answer('ok');
    await until('one less is in flight', () => backend.inFlight === 5 - answered);
    await until('the next one runs', () => waiting.length === Math.min(5, answered + 2));
  }
  assert.equal(rig.gauges.upstreamIdle, 2, 'idle connections are none');
});

test('a request whose client goes away is in flight no longer, in the queue as well', async (t) => {
  const waiting: RawPeer[] = [];
  const server = await startRawBackend(t, (peer) => void waiting.push(peer));
  const rig = await startRig(t, { backends: [server.port], pool: { maxConnections: 1 } });
  const backend = backendOf(rig);
  const [running] = askers(t, rig, 1);
  await until('it runs', () => waiting.length === 1);
  const [queued] = askers(t, rig, 1);
  await until('the other waits', () => backend.inFlight === 2);
  queued?.destroy();
  await until('the one in the queue is gone', () => backend.inFlight === 1);
  running?.destroy();
  await until('none is left', () => backend.inFlight === 0);
});

test('a connection that cannot be opened does not stay in flight', async (t) => {
  const rig = await startRig(t, { backends: [await freePort()] });
  const [client] = askers(t, rig, 1);
  await until('it is refused', () => client?.text.startsWith('HTTP/1.1 502') === true);
  assert.equal(backendOf(rig).inFlight, 0);
});

test('a connection being opened counts until it is too late', async (t) => {
  const port = await openDeafPort(t);
  if (port === null) {
    t.skip(MISSING_DEAF_PORT);
    return;
  }
  const rig = await startRig(t, { backends: [port], pool: { connectTimeoutMs: 300 } });
  const backend = backendOf(rig);
  const [client] = askers(t, rig, 1);
  await until('it is being opened', () => backend.inFlight === 1);
  await until('it was too late', () => client?.text.startsWith('HTTP/1.1 504') === true);
  assert.equal(backend.inFlight, 0);
});

test('a tunnel counts until it ends', async (t) => {
  const server = await startRawBackend(t, (peer) =>
    peer.send('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n'),
  );
  const rig = await startRig(t, { backends: [server.port] });
  const backend = backendOf(rig);
  const client = new RawClient(rig.port);
  t.after(() => client.destroy());
  client.send('GET / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
  await until('the tunnel stands', () => client.text.includes('101'));
  assert.equal(backend.inFlight, 1);
  client.destroy();
  await until('the backend knows', () => server.peers[0]?.ended === true);
  assert.equal(backend.inFlight, 1, 'one direction is still open');
  server.peers[0]?.socket.end();
  await until('it is over', () => backend.inFlight === 0);
});
