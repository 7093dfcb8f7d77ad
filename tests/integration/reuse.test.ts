import assert from 'node:assert/strict';
import test from 'node:test';

import { type RawAnswer, type RawPeer, startRawBackend } from '../support/raw-backend.ts';
import { RawClient } from '../support/raw-client.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

async function ask(rig: Rig, method = 'GET', path = '/'): Promise<{ status: number; text: string }> {
  const init: RequestInit = { method, headers: { connection: 'close' } };
  if (method === 'POST' || method === 'PATCH') init.body = 'body';
  const response = await fetch(`http://127.0.0.1:${rig.port}${path}`, init);
  return { status: response.status, text: await response.text() };
}

/** What a backend does to a connection at the moment when a request arrives on it. */
const DEATHS: Readonly<Record<string, (peer: RawPeer) => void>> = {
  'a FIN': (peer) => void peer.socket.end(),
  'a reset': (peer) => void peer.socket.resetAndDestroy(),
};

for (const [how, die] of Object.entries(DEATHS)) {
  for (const [method, status, requests] of [
    ['GET', 200, 3],
    ['HEAD', 200, 3],
    ['DELETE', 200, 3],
    ['POST', 502, 2],
    ['PATCH', 502, 2],
  ] as const) {
    test(`${how} that crosses a ${method} on a reused connection: ${status}, sent ${requests - 1} times`, async (t) => {
      let count = 0;
      const backend = await startRawBackend(t, (peer) => {
        if (++count === 2) die(peer);
        else if (method === 'HEAD' && count > 1) peer.send('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n');
        else peer.answer('ok');
      });
      const rig = await startRig(t, { backends: [backend.port] });
      assert.equal((await ask(rig)).status, 200);
      assert.equal((await ask(rig, method)).status, status);
      assert.equal(backend.requests, requests);
      await rig.settle();
    });
  }

  test(`${how} on a new connection is 502, and nothing is sent twice`, async (t) => {
    const backend = await startRawBackend(t, die);
    const rig = await startRig(t, { backends: [backend.port] });
    assert.equal((await ask(rig)).status, 502);
    assert.equal(backend.requests, 1);
    await rig.settle();
  });

  test(`${how} that crosses a request twice is 502 after the second time`, async (t) => {
    let isDying = false;
    const waiting: RawPeer[] = [];
    const backend = await startRawBackend(t, (peer) => {
      if (isDying) die(peer);
      else waiting.push(peer);
    });
    const rig = await startRig(t, { backends: [backend.port] });
    const asked = [ask(rig), ask(rig), ask(rig)];
    await until('three connections', () => waiting.length === 3);
    for (const peer of waiting) peer.answer('ok');
    await Promise.all(asked);
    isDying = true;
    const before = backend.requests;
    assert.equal((await ask(rig)).status, 502);
    assert.equal(backend.requests, before + 2);
    await rig.settle();
  });

  test(`${how} behind the first byte of an answer is 502, and nothing is sent twice`, async (t) => {
    let count = 0;
    const backend = await startRawBackend(t, (peer) => {
      if (++count === 1) peer.answer('ok');
      else peer.socket.write('H', () => setImmediate(() => die(peer)));
    });
    const rig = await startRig(t, { backends: [backend.port] });
    await ask(rig);
    const { status } = await ask(rig);
    assert.equal(status, 502);
    // A reset may overtake the byte; then nothing of an answer had arrived, and the request may go out again.
    assert.ok(backend.requests === 2 || (how === 'a reset' && backend.requests === 3), String(backend.requests));
    await rig.settle();
  });
}

/** Answers after which nobody can be sure where the next one begins, or that say that there is none. */
const LAST_ANSWERS: Readonly<Record<string, RawAnswer>> = {
  'that ends by closing': (peer) => {
    peer.send('HTTP/1.1 200 OK\r\n\r\nok');
    peer.socket.end();
  },
  'that asks to close': (peer) => peer.answer('ok', 'Connection: close\r\n'),
  'of HTTP/1.0': (peer) => peer.send('HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'),
  'with bytes behind its end': (peer) => peer.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok!'),
  'with another answer behind its end': (peer) => {
    const one = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n';
    peer.send(`${one}ok${one}no`);
  },
  'with another answer behind the last chunk': (peer) =>
    peer.send(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno',
    ),
  'to nothing, that comes while the connection is idle': (peer) => {
    peer.answer('ok');
    setImmediate(() => peer.answer('no'));
  },
};

for (const [what, answer] of Object.entries(LAST_ANSWERS)) {
  test(`a connection is not used again after an answer ${what}`, async (t) => {
    const backend = await startRawBackend(t, (peer, target) =>
      target === '/next' ? peer.answer('next') : answer(peer, target),
    );
    const rig = await startRig(t, { backends: [backend.port] });
    // Pipelined, so that the second request is ready in the very call in which the first answer ends.
    const client = new RawClient(rig.port);
    client.send(
      'GET / HTTP/1.1\r\nHost: a.test\r\n\r\nGET /next HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n',
    );
    await until('both answers', () => client.ended);
    client.fin();
    if (!what.startsWith('to nothing')) {
      assert.match(client.text, /\r\n\r\n(2\r\n)?ok/);
      assert.match(client.text, /next$/);
      assert.equal(backend.peers[0]?.heads, 1);
    }
    assert.doesNotMatch(client.text, /no$/);
    await until(
      'the first connection is closed',
      () => backend.peers[0]?.ended === true || backend.peers[0]?.closed === true,
    );
    await rig.settle();
  });
}

test('an answer with another one behind it does not reach a request that waits for the connection', async (t) => {
  const backend = await startRawBackend(t, (peer, target) => {
    if (target === '/second') peer.answer('second');
    else held.push(peer);
  });
  const held: RawPeer[] = [];
  const rig = await startRig(t, { backends: [backend.port], pool: { maxConnections: 1 } });
  const first = ask(rig, 'GET', '/first');
  await until('the first is at the backend', () => held.length === 1);
  const second = ask(rig, 'GET', '/second');
  await until('the second waits', () => rig.gauges.requests === 2);
  const one = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n';
  held[0]?.send(`${one}first${one}wrong`);
  assert.equal((await first).text, 'first');
  assert.equal((await second).text, 'second');
  await rig.settle();
});

test('a connection is not used again when the request was not sent whole', async (t) => {
  const backend = await startRawBackend(t, (peer, target) => peer.answer(target));
  const rig = await startRig(t, { backends: [backend.port] });
  const client = new RawClient(rig.port);
  client.send('POST /early HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\nhalf');
  await until('the early answer', () => client.text.endsWith('/early'));
  client.send('&otherGET /next HTTP/1.1\r\nHost: a.test\r\n\r\n');
  await until('the next answer', () => client.text.endsWith('/next'));
  assert.equal(backend.peers.length, 2);
  assert.doesNotMatch(backend.peers[0]?.text ?? '', /next/);
  client.destroy();
  await rig.settle();
});

test('a connection is used again after a 1xx answer, a body of chunks with trailers, and an empty answer', async (t) => {
  const backend = await startRawBackend(t, (peer, target) => {
    if (target === '/1')
      peer.send('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    else if (target === '/2')
      peer.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-T: 1\r\n\r\n');
    else if (target === '/3') peer.send('HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n');
    else peer.answer('end');
  });
  const rig = await startRig(t, { backends: [backend.port] });
  for (const path of ['/1', '/2', '/3', '/4']) await ask(rig, 'GET', path);
  assert.equal(backend.peers.length, 1);
  await rig.settle();
});

test('several backends take turns, one connection each', async (t) => {
  const backends = await Promise.all([0, 1, 2].map((i) => startRawBackend(t, (peer) => peer.answer(String(i)))));
  const rig = await startRig(t, { backends: backends.map(({ port }) => port) });
  const order: string[] = [];
  for (let i = 0; i < 9; i++) order.push((await ask(rig)).text);
  assert.equal(order.join(''), '012012012');
  assert.ok(backends.every(({ peers }) => peers.length === 1));
  await rig.settle();
});

test('the second attempt goes to another backend when there is one', async (t) => {
  let isDying = false;
  const first = await startRawBackend(t, (peer) => (isDying ? void peer.socket.end() : peer.answer('first')));
  const second = await startRawBackend(t, (peer) => peer.answer('second'));
  const rig = await startRig(t, { backends: [first.port, second.port] });
  assert.deepEqual([(await ask(rig)).text, (await ask(rig)).text], ['first', 'second']);
  isDying = true;
  assert.equal((await ask(rig)).text, 'second');
  await rig.settle();
});
