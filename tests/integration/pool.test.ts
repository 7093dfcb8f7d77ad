import assert from 'node:assert/strict';
import test from 'node:test';

import { MISSING_DEAF_PORT, openDeafPort } from '../support/deaf-port.ts';
import { freePort } from '../support/free-port.ts';
import { type RawPeer, startRawBackend } from '../support/raw-backend.ts';
import { RawClient } from '../support/raw-client.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

/** One GET on a connection of its own. */
async function ask(
  rig: Rig,
  path = '/',
  init: RequestInit = {},
): Promise<{ status: number; text: string; code: string }> {
  const response = await fetch(`http://127.0.0.1:${rig.port}${path}`, { ...init, headers: { connection: 'close' } });
  const text = await response.text();
  const code = /"code":"(\w+)"/.exec(text)?.[1] ?? '';
  return { status: response.status, text, code };
}

/** Starts `count` requests and waits until the backend has all of them. */
async function hold(rig: Rig, waiting: readonly RawPeer[], count: number): Promise<Promise<unknown>[]> {
  const before = waiting.length;
  const asked = Array.from({ length: count }, () => ask(rig));
  await until('the backend has the requests', () => waiting.length === before + count);
  return asked;
}

test('requests one after the other use one connection', async (t) => {
  const backend = await startRawBackend(t, (peer, target) => peer.answer(target));
  const rig = await startRig(t, { backends: [backend.port] });
  for (let i = 0; i < 50; i++) assert.equal((await ask(rig, `/${i}`)).text, `/${i}`);
  assert.equal(backend.peers.length, 1);
  assert.equal(backend.peers[0]?.heads, 50);
  await rig.settle();
});

test('the connection that became idle last is used first', async (t) => {
  const waiting: RawPeer[] = [];
  let isHolding = true;
  const backend = await startRawBackend(t, (peer) => {
    if (isHolding) waiting.push(peer);
    else peer.answer('ok');
  });
  const rig = await startRig(t, { backends: [backend.port] });
  const asked = await hold(rig, waiting, 3);
  for (const index of [2, 0, 1]) {
    waiting[index]?.answer('ok');
    const idle = rig.gauges.upstreamIdle;
    await until('one more is idle', () => rig.gauges.upstreamIdle === idle + 1);
  }
  await Promise.all(asked);
  isHolding = false;
  for (let i = 0; i < 5; i++) await ask(rig);
  assert.deepEqual(
    waiting.map((peer) => peer.heads),
    [1, 6, 1],
  );
});

test('no more connections are kept than may be idle: the oldest are closed', async (t) => {
  const waiting: RawPeer[] = [];
  const backend = await startRawBackend(t, (peer) => void waiting.push(peer));
  const rig = await startRig(t, { backends: [backend.port], pool: { maxIdle: 2 } });
  const asked = await hold(rig, waiting, 5);
  for (const peer of waiting) {
    const { requests } = rig.gauges;
    peer.answer('ok');
    await until('one less runs', () => rig.gauges.requests === requests - 1);
  }
  await Promise.all(asked);
  await until('three are closed', () => backend.open.length === 2 || waiting.filter(({ ended }) => ended).length === 3);
  assert.deepEqual(
    waiting.map(({ ended, closed }) => ended || closed),
    [true, true, true, false, false],
  );
  assert.equal(rig.gauges.upstreamIdle, 2);
});

test('no more connections of all backends together are kept than may be idle', async (t) => {
  const waiting: RawPeer[] = [];
  const first = await startRawBackend(t, (peer) => void waiting.push(peer));
  const second = await startRawBackend(t, (peer) => void waiting.push(peer));
  const rig = await startRig(t, { backends: [first.port, second.port], pool: { maxIdleInAll: 3 } });
  const asked = await hold(rig, waiting, 6);
  for (const peer of waiting) peer.answer('ok');
  await Promise.all(asked);
  await until('the rest is closed', () => rig.gauges.upstreamIdle === 3);
  assert.equal(rig.gauges.upstreamActive, 0);
});

test('an idle connection is closed after its time', async (t) => {
  const backend = await startRawBackend(t, (peer) => peer.answer('ok'));
  const rig = await startRig(t, { backends: [backend.port], pool: { idleTimeoutMs: 200 } });
  await ask(rig);
  assert.equal(rig.gauges.upstreamIdle, 1);
  await until('it is closed', () => backend.peers[0]?.ended === true);
  assert.equal(rig.gauges.upstreamIdle, 0);
  assert.equal((await ask(rig)).status, 200);
});

test('at the cap requests wait, and are served in their order by the connections that come back', async (t) => {
  const targets: string[] = [];
  const waiting: RawPeer[] = [];
  const backend = await startRawBackend(t, (peer, target) => {
    targets.push(target);
    waiting.push(peer);
  });
  const rig = await startRig(t, { backends: [backend.port], pool: { maxConnections: 2 } });
  const asked: Promise<unknown>[] = [];
  for (let i = 0; i < 8; i++) {
    asked.push(ask(rig, `/${i}`));
    await until('the request is there', () => rig.gauges.requests === i + 1);
  }
  for (let i = 0; i < 8; i++) {
    await until('a request is at the backend', () => waiting.length > i);
    assert.ok(backend.peers.length <= 2);
    waiting[i]?.answer('ok');
  }
  await Promise.all(asked);
  assert.deepEqual(targets.slice(0, 2).toSorted(), ['/0', '/1']);
  assert.deepEqual(
    targets.slice(2),
    Array.from({ length: 6 }, (_, i) => `/${i + 2}`),
  );
  await rig.settle();
});

test('a request that waits too long for a connection is answered 503', async (t) => {
  const waiting: RawPeer[] = [];
  const backend = await startRawBackend(t, (peer) => void waiting.push(peer));
  const rig = await startRig(t, { backends: [backend.port], pool: { maxConnections: 1, queueTimeoutMs: 200 } });
  const asked = await hold(rig, waiting, 1);
  const late = await ask(rig);
  assert.deepEqual([late.status, late.code], [503, 'backend_pool_timeout']);
  waiting[0]?.answer('ok');
  await Promise.all(asked);
  await rig.settle();
});

test('a client that goes away while it waits for a connection leaves the queue', async (t) => {
  const waiting: RawPeer[] = [];
  const backend = await startRawBackend(t, (peer) => void waiting.push(peer));
  const rig = await startRig(t, { backends: [backend.port], pool: { maxConnections: 1 } });
  const asked = await hold(rig, waiting, 1);
  const gone = new RawClient(rig.port);
  gone.get('/gone');
  await until('it waits', () => rig.gauges.requests === 2);
  gone.reset();
  await until('it left', () => rig.gauges.requests === 1);
  const next = ask(rig, '/next');
  await until('the next waits', () => rig.gauges.requests === 2);
  waiting[0]?.answer('ok');
  await until('the next is at the backend', () => waiting.length === 2);
  waiting[1]?.answer('next');
  assert.equal((await next).text, 'next');
  await Promise.all(asked);
  assert.doesNotMatch(backend.peers[0]?.text ?? '', /gone/);
  await rig.settle();
});

test('a connection that dies at the cap makes room for who waits', async (t) => {
  const waiting: RawPeer[] = [];
  const backend = await startRawBackend(t, (peer) => void waiting.push(peer));
  const rig = await startRig(t, { backends: [backend.port], pool: { maxConnections: 1 } });
  const asked = await hold(rig, waiting, 1);
  const next = ask(rig);
  await until('the next waits', () => rig.gauges.requests === 2);
  waiting[0]?.socket.destroy();
  await until('the next is at the backend', () => waiting.length === 2);
  waiting[1]?.answer('next');
  assert.equal((await next).text, 'next');
  await Promise.all(asked);
  await rig.settle();
});

test('a backend that refuses is 502, for the one that asked and for those that wait', async (t) => {
  const rig = await startRig(t, { backends: [await freePort()], pool: { maxConnections: 1 } });
  const results = await Promise.all(Array.from({ length: 20 }, () => ask(rig)));
  assert.ok(results.every(({ status, code }) => status === 502 && code === 'backend_connect_refused'));
  await rig.settle();
});

test('a backend that does not accept the connection in time is 504', async (t) => {
  const port = await openDeafPort(t);
  if (port === null) {
    t.skip(MISSING_DEAF_PORT);
    return;
  }
  const rig = await startRig(t, { backends: [port], pool: { connectTimeoutMs: 300 } });
  const answer = await ask(rig);
  assert.deepEqual([answer.status, answer.code], [504, 'backend_connect_timeout']);
  const gone = new RawClient(rig.port);
  gone.get('/');
  await until('an attempt runs', () => rig.gauges.upstreamActive === 1);
  gone.reset();
  await rig.settle();
});

test('a backend that does not answer in time is 504, and its connection is not used again', async (t) => {
  const backend = await startRawBackend(t, (peer, target) => {
    if (target === '/ok') peer.answer('ok');
  });
  const rig = await startRig(t, { backends: [backend.port], responseTimeoutMs: 200 });
  const late = await ask(rig, '/late');
  assert.deepEqual([late.status, late.code], [504, 'backend_timeout']);
  // The late answer arrives while the next request runs on a new connection.
  const next = ask(rig, '/ok');
  backend.peers[0]?.answer('too late');
  assert.equal((await next).text, 'ok');
  assert.equal(backend.peers.length, 2);
  await rig.settle();
});

test('an idle connection that the backend closed is not used', async (t) => {
  const backend = await startRawBackend(t, (peer) => peer.answer('ok'));
  const rig = await startRig(t, { backends: [backend.port] });
  for (let i = 0; i < 3; i++) {
    assert.equal((await ask(rig)).status, 200);
    const peer = backend.peers[i];
    if (i === 1) peer?.socket.resetAndDestroy();
    else peer?.socket.end();
    await until('the proxy noticed', () => rig.gauges.upstreamIdle === 0);
  }
  assert.deepEqual(
    backend.peers.map(({ heads }) => heads),
    [1, 1, 1],
  );
  await rig.settle();
});
