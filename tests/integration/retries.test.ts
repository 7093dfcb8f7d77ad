import assert from 'node:assert/strict';
import test from 'node:test';

import type { RetrySettings } from '../../src/config/resilience-settings.ts';
import { type RawPeer, startRawBackend } from '../support/raw-backend.ts';
import { RawClient } from '../support/raw-client.ts';
import { PLAIN_POLICY } from '../support/off-settings.ts';
import { MISSING_DEAF_PORT, openDeafPort } from '../support/deaf-port.ts';
import { freePort } from '../support/free-port.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const RETRY: Partial<RetrySettings> = {
  attempts: 3,
  causes: ['connect', 'reset', 'timeout', '502', '503', '504'],
  initialIntervalMs: 1,
  maxIntervalMs: 5,
};

async function ask(rig: Rig, init: RequestInit = {}): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${rig.port}/`, {
    ...init,
    headers: [...new Headers(init.headers), ['connection', 'close']],
  });
  return { status: response.status, text: await response.text() };
}

/** How backends fail before they have answered. */
const FAILURES: Readonly<Record<string, (peer: RawPeer) => void>> = {
  'a reset': (peer) => void peer.socket.resetAndDestroy(),
  'a FIN': (peer) => void peer.socket.end(),
  'an answer of 502': (peer) => peer.send('HTTP/1.1 502 Bad\r\nContent-Length: 3\r\n\r\nbad'),
  'an answer of 503': (peer) => peer.send('HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy'),
  'an answer of 504': (peer) => peer.send('HTTP/1.1 504 Slow\r\nContent-Length: 0\r\n\r\n'),
  'an endless answer of 503': (peer) => peer.send('HTTP/1.1 503 Busy\r\nContent-Length: 9999999\r\n\r\nbusy'),
};

for (const [how, fail] of Object.entries(FAILURES)) {
  test(`${how} of one backend: another one answers, and the client never learns of it`, async (t) => {
    const bad = await startRawBackend(t, fail);
    const good = await startRawBackend(t, (peer) => peer.answer('good'));
    const rig = await startRig(t, { backends: [bad.port, good.port], retry: RETRY });
    for (let i = 0; i < 4; i++) assert.deepEqual(await ask(rig), { status: 200, text: 'good' });
    assert.ok(bad.requests >= 2, `the bad backend was asked ${bad.requests} times`);
    assert.equal(good.requests, 4);
    assert.deepEqual(rig.failures, []);
    await rig.settle();
  });

  test(`${how} of all backends: as many attempts as allowed, then the last outcome`, async (t) => {
    const backends = await Promise.all([0, 1].map(() => startRawBackend(t, fail)));
    const rig = await startRig(t, { backends: backends.map(({ port }) => port), retry: RETRY });
    const answer = fetch(`http://127.0.0.1:${rig.port}/`, { headers: { connection: 'close' } });
    const { status, body } = await answer;
    await body?.cancel();
    assert.ok(status >= 502 && status <= 504, String(status));
    assert.equal(
      backends.reduce((sum, { requests }) => sum + requests, 0),
      3,
    );
    await rig.settle();
  });
}

test('a 503 whose rest is short keeps its connection; an endless one ends it', async (t) => {
  const short = await startRawBackend(t, (peer) => peer.send('HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy'));
  const good = await startRawBackend(t, (peer) => peer.answer('good'));
  const rig = await startRig(t, { backends: [short.port, good.port], retry: RETRY });
  for (let i = 0; i < 6; i++) await ask(rig);
  assert.equal(short.peers.length, 1);
  assert.ok(short.requests > 1);
  await rig.settle();
});

for (const [name, portOf] of [
  ['refused', freePort],
  ['unanswered', openDeafPort],
] as const) {
  test(`a connection that is ${name}: another backend gets even a POST, whose body no one has seen`, async (t) => {
    const good = await startRawBackend(t, (peer) => peer.answer('good'));
    const closed = await portOf(t);
    if (closed === null) {
      t.skip(MISSING_DEAF_PORT);
      return;
    }
    const rig = await startRig(t, { backends: [closed, good.port], retry: { ...RETRY, perTryTimeoutMs: 300 } });
    for (let i = 0; i < 2; i++)
      assert.deepEqual(await ask(rig, { method: 'POST', body: 'once' }), { status: 200, text: 'good' });
    await until(
      'both bodies',
      () =>
        good.peers
          .map(({ text }) => text)
          .join('')
          .split('once').length === 3,
    );
    await rig.settle();
  });
}

test('a POST that a backend may have acted on is not sent twice', async (t) => {
  const bad = await startRawBackend(t, (peer) => void peer.socket.resetAndDestroy());
  const good = await startRawBackend(t, (peer) => peer.answer('good'));
  const rig = await startRig(t, { backends: [bad.port, good.port], retry: RETRY });
  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push((await ask(rig, { method: 'POST', body: 'x' })).status);
  assert.deepEqual(
    statuses.toSorted((a, b) => a - b),
    [200, 200, 502, 502],
  );
  assert.equal(bad.requests + good.requests, 4);
  await rig.settle();
});

for (const [name, init, retry] of [
  ['anyMethod', { method: 'POST', body: 'x'.repeat(3_000) }, { ...RETRY, anyMethod: true }],
  ['Idempotency-Key', { method: 'POST', body: 'y'.repeat(3_000), headers: { 'idempotency-key': '"k1"' } }, RETRY],
] as const) {
  test(`with ${name} a POST is sent again, its body byte for byte the same`, async (t) => {
    const bad = await startRawBackend(t, () => undefined);
    const good = await startRawBackend(t, () => undefined);
    const rig = await startRig(t, { backends: [bad.port, good.port], retry });
    const asked = ask(rig, init);
    const whole = (peer: RawPeer | undefined): boolean => peer?.text.endsWith(init.body) === true;
    await until('the first backend has the whole request', () => whole(bad.peers[0]) || whole(good.peers[0]));
    const [first, second] = whole(bad.peers[0]) ? [bad, good] : [good, bad];
    first.peers[0]?.socket.resetAndDestroy();
    await until('the second one has it too', () => whole(second.peers[0]));
    second.peers[0]?.answer('good');
    assert.deepEqual(await asked, { status: 200, text: 'good' });
    assert.equal(
      second.peers[0]?.text,
      first.peers[0]?.text.replace(/Host: [^\r]*/, /Host: [^\r]*/.exec(second.peers[0]?.text ?? '')?.[0] ?? ''),
    );
    await rig.settle();
  });
}

test('a body longer than what is kept is sent once', async (t) => {
  const bad = await startRawBackend(t, () => undefined);
  const good = await startRawBackend(t, () => undefined);
  const rig = await startRig(t, {
    backends: [bad.port, good.port],
    retry: { ...RETRY, anyMethod: true, bodyLimitBytes: 1_000 },
  });
  const asked = ask(rig, { method: 'PUT', body: 'x'.repeat(3_000) });
  const peers = (): readonly RawPeer[] => [...bad.peers, ...good.peers];
  await until('the request is there', () => peers().some(({ text }) => text.endsWith('x'.repeat(3_000))));
  peers()[0]?.socket.resetAndDestroy();
  assert.equal((await asked).status, 502);
  assert.equal(peers().length, 1);
  await rig.settle();
});

test('a backend that accepts and never answers costs one try, not the request', async (t) => {
  const silent = await startRawBackend(t, () => undefined);
  const good = await startRawBackend(t, (peer) => peer.answer('good'));
  const rig = await startRig(t, { backends: [silent.port, good.port], retry: { ...RETRY, perTryTimeoutMs: 200 } });
  for (let i = 0; i < 2; i++) assert.deepEqual(await ask(rig), { status: 200, text: 'good' });
  await rig.settle();
});

test("all attempts together take no longer than the route's timeout", async (t) => {
  const silent = await Promise.all([0, 1].map(() => startRawBackend(t, () => undefined)));
  const rig = await startRig(t, {
    backends: silent.map(({ port }) => port),
    responseTimeoutMs: 500,
    retry: { ...RETRY, attempts: 50, perTryTimeoutMs: 200 },
  });
  assert.equal((await ask(rig)).status, 504);
  const requests = silent.reduce((sum, each) => sum + each.requests, 0);
  assert.ok(requests >= 2 && requests <= 4, `${requests} attempts`);
  await rig.settle();
});

for (const perTryTimeoutMs of [0, 200]) {
  const how = perTryTimeoutMs === 0 ? 'a connection may take' : 'one try may take';
  test(`the route's timeout holds for connections, too, however long ${how}`, async (t) => {
    const deaf = await openDeafPort(t);
    if (deaf === null) {
      t.skip(MISSING_DEAF_PORT);
      return;
    }
    const rig = await startRig(t, {
      backends: [deaf],
      responseTimeoutMs: 500,
      pool: { connectTimeoutMs: 60_000 },
      retry: { ...RETRY, attempts: 50, perTryTimeoutMs },
    });
    // 50 tries of 200 ms are ten seconds.
    assert.equal((await ask(rig, { signal: AbortSignal.timeout(5_000) })).status, 504);
    assert.deepEqual(rig.failures, ['backend_connect_timeout']);
    await rig.settle();
  });
}

test('an answer that has begun is never followed by another attempt', async (t) => {
  const bad = await startRawBackend(t, (peer) =>
    peer.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', () =>
      setImmediate(() => peer.socket.resetAndDestroy()),
    ),
  );
  const rig = await startRig(t, { backends: [bad.port], retry: RETRY });
  await assert.rejects(ask(rig));
  assert.equal(bad.requests, 1);
  await rig.settle();
});

test('a client that leaves during the wait between attempts ends them', async (t) => {
  const bad = await startRawBackend(t, (peer) => void peer.socket.resetAndDestroy());
  const rig = await startRig(t, {
    backends: [bad.port],
    responseTimeoutMs: 600_000,
    retry: { ...RETRY, initialIntervalMs: 60_000, maxIntervalMs: 60_000 },
  });
  const client = new RawClient(rig.port);
  client.get('/');
  await until('the first attempt failed', () => bad.requests === 1 && bad.open.length === 0);
  client.reset();
  await rig.settle();
  assert.deepEqual(rig.statuses, [499]);
  assert.equal(bad.requests, 1);
});

test('a wait after which there would be no time for another attempt is not begun', async (t) => {
  const bad = await startRawBackend(t, (peer) => void peer.socket.resetAndDestroy());
  const rig = await startRig(t, {
    backends: [bad.port],
    responseTimeoutMs: 10_000,
    retry: { ...RETRY, initialIntervalMs: 60_000, maxIntervalMs: 60_000 },
  });
  assert.equal((await ask(rig, { signal: AbortSignal.timeout(5_000) })).status, 502);
  assert.equal(bad.requests, 1);
  await rig.settle();
});

test('a 100-continue that came with the first attempt does not come again with the second', async (t) => {
  const peers: RawPeer[] = [];
  const backends = await Promise.all(
    [0, 1].map(() =>
      startRawBackend(t, (peer) => {
        peers.push(peer);
        peer.send('HTTP/1.1 100 Continue\r\n\r\n');
      }),
    ),
  );
  const rig = await startRig(t, { backends: backends.map(({ port }) => port), retry: { ...RETRY, anyMethod: true } });
  const client = new RawClient(rig.port);
  client.send('PUT / HTTP/1.1\r\nHost: raw.test\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
  await until('the body is asked for', () => client.statuses.length === 1);
  client.send('body');
  await until('it went on', () => peers[0]?.text.endsWith('body') === true);
  peers[0]?.socket.resetAndDestroy();
  await until('the second attempt has it', () => peers[1]?.text.endsWith('body') === true);
  peers[1]?.answer('ok');
  await until('the answer', () => client.text.endsWith('ok'));
  assert.deepEqual(client.statuses, [100, 200]);
  client.fin();
  await rig.settle();
});

test('no wait between attempts is the shortest one, and not an endless one', async (t) => {
  const bad = await startRawBackend(t, (peer) => void peer.socket.resetAndDestroy());
  const good = await startRawBackend(t, (peer) => peer.answer('good'));
  const rig = await startRig(t, {
    backends: [bad.port, good.port],
    retry: { ...RETRY, initialIntervalMs: 0 },
  });
  const signal = AbortSignal.timeout(5_000);
  for (let i = 0; i < 2; i++) assert.deepEqual(await ask(rig, { signal }), { status: 200, text: 'good' });
  await rig.settle();
});

test('a try that ends in the queue of the pool says nothing about the backend', async (t) => {
  const slow = await startRawBackend(t, () => undefined);
  const breaker = { threshold: 2, openMs: 60_000, successThreshold: 1, maxTrials: 1 };
  const rig = await startRig(t, {
    backends: [{ addresses: [{ host: '127.0.0.1', port: slow.port }], policy: { ...PLAIN_POLICY, breaker } }],
    pool: { maxConnections: 1, queueTimeoutMs: 10_000 },
    retry: { ...RETRY, attempts: 2, perTryTimeoutMs: 600 },
  });
  const first = new RawClient(rig.port);
  first.send('POST / HTTP/1.1\r\nHost: raw.test\r\nContent-Length: 1\r\n\r\n');
  await until('the only connection is taken', () => slow.requests === 1);
  const statuses = await Promise.all([0, 1].map(async () => (await ask(rig)).status));
  assert.deepEqual(statuses, [503, 503]);
  assert.deepEqual(rig.failures, ['backend_pool_timeout', 'backend_pool_timeout']);
  first.send('x');
  slow.peers[0]?.answer('late');
  await until('the first one is answered', () => first.text.endsWith('late'));
  first.get('/');
  await until('the breaker never opened', () => slow.requests === 2);
  slow.peers[0]?.answer('next');
  await until('the next one is answered', () => first.text.endsWith('next'));
  first.fin();
  await rig.settle();
});
