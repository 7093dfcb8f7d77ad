import assert from 'node:assert/strict';
import test from 'node:test';

import { ByteStream, ByteSum } from '../support/byte-stream.ts';
import { type RawAnswer, type RawBackend, type RawPeer, startRawBackend } from '../support/raw-backend.ts';
import { RawClient } from '../support/raw-client.ts';
import { type Rig, type RigOptions, startRig } from '../support/rig.ts';
import { until, untilSteady } from '../support/until.ts';

const UPGRADE = 'GET /socket HTTP/1.1\r\nHost: ws.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-X: y\r\n\r\n';
const MANY_BYTES = 20_000_000;
const IN_BETWEEN_BYTES = 33_554_432;

interface Tunnel {
  readonly rig: Rig;
  readonly backend: RawBackend;
  readonly client: RawClient;
  readonly peer: RawPeer;
}

function bodyOf(text: string): string {
  return text.slice(text.indexOf('\r\n\r\n') + 4);
}

/** Opens a tunnel; both ends have seen the other's head. */
async function openTunnel(
  t: Parameters<typeof startRig>[0],
  answer: RawAnswer = (peer) => peer.send(SWITCH),
  options: Partial<RigOptions> = {},
): Promise<Tunnel> {
  const backend = await startRawBackend(t, answer);
  const rig = await startRig(t, { ...options, backends: [backend.port] });
  const client = new RawClient(rig.port);
  t.after(() => client.destroy());
  client.send(UPGRADE);
  await until('the switch', () => client.text.includes('\r\n\r\n'));
  assert.match(client.text, /^HTTP\/1\.1 101 /);
  return { rig, backend, client, peer: backend.peers[0] as RawPeer };
}

async function end({ rig }: Tunnel, statuses: readonly number[] = [101]): Promise<void> {
  await rig.settle();
  assert.deepEqual(rig.statuses, statuses);
  assert.deepEqual(rig.defects, []);
}

test('a switch of protocols is passed with its fields, and the request that asked for it', async (t) => {
  const tunnel = await openTunnel(t);
  assert.match(tunnel.client.text, /\r\nupgrade: websocket\r\n/i);
  assert.match(tunnel.client.text, /\r\nconnection: upgrade\r\n/i);
  assert.match(tunnel.client.text, /\r\nSec-X: y\r\n/);
  assert.match(tunnel.peer.text, /\r\nupgrade: websocket\r\n/i);
  assert.match(tunnel.peer.text, /\r\nconnection: upgrade\r\n/i);
  assert.equal(tunnel.rig.gauges.requests, 1);
  tunnel.client.reset();
  await end(tunnel);
});

test('bytes go both ways as they are', async (t) => {
  const tunnel = await openTunnel(t);
  const { client, peer } = tunnel;
  client.send('\0ping\r\n\r\n');
  await until('the ping', () => bodyOf(peer.text) === '\0ping\r\n\r\n');
  peer.send('\xffpong');
  await until('the pong', () => bodyOf(client.text) === '\xffpong');
  client.reset();
  await end(tunnel);
});

for (const bytes of [100, 80_000, 1_000_000]) {
  test(`${bytes} bytes that each side sends before it knows of the switch arrive, and what follows them`, async (t) => {
    const early = 'e'.repeat(bytes);
    const backend = await startRawBackend(t, (peer) => void waiting.push(peer));
    const waiting: RawPeer[] = [];
    const rig = await startRig(t, { backends: [backend.port] });
    const client = new RawClient(rig.port, 2 * bytes + 1_000);
    client.send(UPGRADE + early);
    await until('the backend has the request', () => waiting.length === 1);
    const peer = waiting[0] as RawPeer;
    await untilSteady('what the proxy holds', () => rig.gauges.bufferedBytes);
    assert.equal(bodyOf(peer.text), '');
    peer.send(`${SWITCH}${early}`);
    await until('the early bytes of the client', () => bodyOf(peer.text).length === bytes);
    await until('the early bytes of the backend', () => bodyOf(client.text).length === bytes);
    client.send('more');
    peer.send('more');
    await until(
      'more at both ends',
      () => bodyOf(peer.text).endsWith('emore') && bodyOf(client.text).endsWith('emore'),
    );
    client.reset();
    await rig.settle();
  });
}

test('much goes both ways at once, intact', async (t) => {
  const tunnel = await openTunnel(t);
  const { client, peer } = tunnel;
  const sides = [
    { from: client.socket, to: peer.socket },
    { from: peer.socket, to: client.socket },
  ].map(({ from, to }) => {
    const sum = new ByteSum();
    to.removeAllListeners('data').on('data', (piece: Buffer) => sum.add(piece));
    const stream = new ByteStream(MANY_BYTES);
    const send = (): void => {
      for (let piece = stream.next(50_000); piece !== null; piece = stream.next(50_000)) {
        if (from.write(piece)) continue;
        from.once('drain', send);
        return;
      }
    };
    send();
    return { sum, stream };
  });
  await until('all bytes', () => sides.every(({ sum }) => sum.length === MANY_BYTES), 20_000);
  for (const { sum, stream } of sides) assert.equal(sum.checksum(), stream.checksum());
  client.reset();
  await end(tunnel);
});

test('a side that does not read stops the other', async (t) => {
  const tunnel = await openTunnel(t);
  const { client, peer, rig } = tunnel;
  for (const [from, to] of [
    [peer.socket, client.socket],
    [client.socket, peer.socket],
  ] as const) {
    to.pause();
    const before = from.bytesWritten;
    const stop = setInterval(() => {
      if (from.writableLength < 1_000_000) from.write(Buffer.alloc(1_000_000));
    }, 1);
    const written = await untilSteady('what is written', () => from.bytesWritten - from.writableLength - before);
    clearInterval(stop);
    assert.ok(written < IN_BETWEEN_BYTES, `${written} bytes written`);
    assert.ok(rig.gauges.bufferedBytes < 1_000_000);
    to.resume();
    await until('all is taken', () => from.writableLength === 0);
  }
  client.reset();
  await end(tunnel);
});

test('a side that ends its sending still receives; when both have ended the tunnel is over', async (t) => {
  for (const first of ['client', 'backend'] as const) {
    const tunnel = await openTunnel(t);
    const { client, peer } = tunnel;
    if (first === 'client') {
      client.send('last words');
      client.fin();
      await until('the end at the backend', () => peer.ended);
      assert.equal(bodyOf(peer.text), 'last words');
      peer.send('answer');
      await until('the answer', () => bodyOf(client.text) === 'answer');
      peer.socket.end();
      await until('the end at the client', () => client.ended);
    } else {
      peer.send('last words');
      peer.socket.end();
      await until('the end at the client', () => client.ended);
      assert.equal(bodyOf(client.text), 'last words');
      client.send('answer');
      await until('the answer', () => bodyOf(peer.text) === 'answer');
      client.fin();
      await until('the end at the backend', () => peer.ended);
    }
    await end(tunnel);
  }
});

test('everything that was sent before an end arrives, however slowly it is read', async (t) => {
  const tunnel = await openTunnel(t);
  const { client, peer } = tunnel;
  client.pause();
  client.fin();
  await until('the end at the backend', () => peer.ended);
  peer.socket.end(Buffer.alloc(10_000_000, 'x'));
  await untilSteady('what the backend has left', () => peer.socket.writableLength);
  client.resume();
  await until('the end at the client', () => client.ended);
  assert.ok(client.received > 10_000_000, `${client.received} bytes`);
  await end(tunnel);
});

test('a backend that dies closes the client', async (t) => {
  const tunnel = await openTunnel(t);
  tunnel.peer.socket.resetAndDestroy();
  await until('the client is closed', () => tunnel.client.ended || tunnel.client.closed);
  await end(tunnel);
});

test('a client that dies closes the backend', async (t) => {
  const tunnel = await openTunnel(t);
  tunnel.client.reset();
  await until('the backend is closed', () => tunnel.peer.ended || tunnel.peer.closed);
  await end(tunnel);
});

test('a client that dies while it blocks the backend closes it', async (t) => {
  const tunnel = await openTunnel(t);
  tunnel.client.pause();
  tunnel.peer.socket.write(Buffer.alloc(30_000_000));
  await until('bytes wait in the proxy', () => tunnel.rig.gauges.bufferedBytes > 0);
  tunnel.client.reset();
  await until('the backend is closed', () => tunnel.peer.ended || tunnel.peer.closed);
  await end(tunnel);
});

test('a quiet tunnel outlives every timeout of requests and answers', async (t) => {
  const tunnel = await openTunnel(t, undefined, {
    timeouts: { headerReadMs: 200, requestReadMs: 200, idleMs: 200, writeMs: 200 },
    pool: { idleTimeoutMs: 200, bodyIdleTimeoutMs: 200 },
    responseTimeoutMs: 200,
  });
  const { client, peer } = tunnel;
  const openedMs = performance.now();
  await until('all timeouts passed', () => performance.now() - openedMs > 900);
  client.send('still');
  await until('the bytes', () => bodyOf(peer.text) === 'still');
  peer.send('here');
  await until('the answer', () => bodyOf(client.text) === 'here');
  client.reset();
  await end(tunnel);
});

test('a drain leaves a tunnel alone, and a stop closes both ends', async (t) => {
  const tunnel = await openTunnel(t);
  const { client, peer, rig } = tunnel;
  rig.drain();
  const drainedMs = performance.now();
  // The listener closes idle connections one second after the start of a drain; the tunnel is none.
  await until('the grace of idle connections passed', () => performance.now() - drainedMs > 1_300);
  client.send('still');
  await until('the bytes', () => bodyOf(peer.text) === 'still');
  rig.stop();
  await until('the client is closed', () => client.ended || client.closed);
  await until('the backend is closed', () => peer.ended || peer.closed);
});

test('a refused upgrade is an answer like any other', async (t) => {
  const backend = await startRawBackend(t, (peer) => peer.answer('no'));
  const rig = await startRig(t, { backends: [backend.port] });
  const client = new RawClient(rig.port);
  client.send(UPGRADE);
  await until('the answer', () => client.text.endsWith('no'));
  assert.deepEqual(client.statuses, [200]);
  client.get('/next');
  await until('the next answer', () => client.statuses.length === 2);
  assert.equal(backend.peers.length, 1);
  client.destroy();
  await rig.settle();
});

test('a switch that nobody asked for is 502', async (t) => {
  const backend = await startRawBackend(t, (peer) => peer.send(SWITCH));
  const rig = await startRig(t, { backends: [backend.port] });
  const client = new RawClient(rig.port);
  client.get('/');
  await until('the answer', () => client.statuses.length === 1);
  assert.deepEqual(client.statuses, [502]);
  client.destroy();
  await rig.settle();
});

test('a client that goes away before the switch cancels the request', async (t) => {
  for (const how of ['fin', 'reset'] as const) {
    const backend = await startRawBackend(t, () => undefined);
    const rig = await startRig(t, { backends: [backend.port] });
    const client = new RawClient(rig.port);
    client.send(UPGRADE);
    await until('the backend has the request', () => backend.requests === 1);
    client[how]();
    await until('the backend is closed', () => backend.open.length === 0 || backend.peers[0]?.ended === true);
    await rig.settle();
    assert.deepEqual(rig.statuses, [499]);
  }
});
