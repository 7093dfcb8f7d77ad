import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { INSPECT, runInWorker } from '../support/inspector.ts';
import { metricValue, readMetrics } from '../support/metrics.ts';
import { type Program, startProgram } from '../support/program.ts';
import { RawClient } from '../support/raw-client.ts';
import { until } from '../support/until.ts';
import {
  echo,
  startWebSocketBackend,
  type WebSocketBackend,
  type WebSocketPeer,
} from '../support/web-socket-backend.ts';
import { WebSocketClient } from '../support/web-socket-client.ts';
import { frameBytes, OPCODE } from '../support/web-socket-frames.ts';
import { createFolder } from '../support/yaml-program.ts';

const COUNT = 200;
const ROOM = { RWWWRSE_MAX_CONNS_PER_HOST: '4000' };

async function openAll(t: TestContext, program: Program, count: number): Promise<WebSocketClient[]> {
  const clients: WebSocketClient[] = [];
  // A listening queue is short; so many at once are no test of tunnels.
  for (let left = count; left > 0; left -= 50) {
    const batch = Array.from({ length: Math.min(50, left) }, () => {
      return new WebSocketClient(t, `ws://127.0.0.1:${program.port}/chat`).opened();
    });
    clients.push(...(await Promise.all(batch)));
  }
  return clients;
}

/** Sends messages in torn pieces to everybody, so that at any moment many are in the middle of a frame. */
function talkTorn(t: TestContext, backend: WebSocketBackend): () => void {
  const later: { peer: WebSocketPeer; rest: Buffer }[] = [];
  const timer = setInterval(() => {
    for (const { peer, rest } of later.splice(0)) if (peer.socket.writable) peer.socket.write(rest);
    for (const peer of backend.peers) {
      if (!peer.socket.writable || peer.closeCode !== null || Math.random() < 0.5) continue;
      const bytes = Buffer.concat([frameBytes(0x01, 'a'.repeat(200)), frameBytes(0x80, 'b'.repeat(300))]);
      const cut = 1 + Math.floor(Math.random() * (bytes.length - 1));
      peer.socket.write(bytes.subarray(0, cut));
      later.push({ peer, rest: bytes.subarray(cut) });
    }
  }, 25);
  t.after(() => clearInterval(timer));
  return () => clearInterval(timer);
}

test(`${COUNT} WebSockets that are talking are closed with 1001 at SIGTERM, spread over the time, and no frame is torn`, async (t) => {
  const backend = await startWebSocketBackend(t);
  const program = await startProgram(t, {
    env: { ...ROOM, RWWWRSE_DEFAULT_BACKEND: backend.url, RWWWRSE_SHUTDOWN_TIMEOUT: '8s' },
  });
  const clients = await openAll(t, program, COUNT);
  const metrics = await readMetrics(program.port);
  assert.equal(metrics.get('rwwwrse_tunnels{protocol="websocket"}'), COUNT);
  assert.ok((metrics.get('rwwwrse_active_connections') ?? 0) >= COUNT);
  const stopTalking = talkTorn(t, backend);
  await until('all hear something', () => clients.every(({ messages }) => messages.length > 1));
  const stoppedMs = performance.now();
  program.signal('SIGTERM');
  const ends = await Promise.all(clients.map((client) => client.ended(15_000)));
  assert.deepEqual(new Set(ends.map(({ code, wasClean }) => `${code} ${wasClean}`)), new Set(['1001 true']));
  const times = ends.map(({ atMs }) => (atMs - stoppedMs) / 1_000).toSorted((a, b) => a - b);
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  assert.ok(last - first > 2.5 && last < 7, `from ${first} to ${last} s`);
  for (let second = 0; second < 4; second++) {
    const inIt = times.filter((at) => at >= first + second && at < first + second + 1).length;
    assert.ok(inIt < COUNT / 2, `${inIt} in one second: ${times.join(' ')}`);
  }
  for (const { messages } of clients)
    for (const message of messages) assert.ok(message === 'a'.repeat(200) + 'b'.repeat(300));
  await until('all backend sides ended', () => backend.peers.every(({ closed }) => closed));
  stopTalking();
  assert.deepEqual(
    new Set(backend.peers.map(({ closeCode, violation, reader }) => `${closeCode} ${violation} ${reader.torn}`)),
    new Set(['1001 null 0']),
  );
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
});

test('a tunnel of another protocol is cut at the end of the drain, and logged', async (t) => {
  const backend = await startWebSocketBackend(t, { fields: 'Upgrade: x\r\n' });
  const path = join(createFolder(t), 'access.log');
  const program = await startProgram(t, {
    env: {
      RWWWRSE_DEFAULT_BACKEND: backend.url,
      RWWWRSE_SHUTDOWN_TIMEOUT: '2s',
      RWWWRSE_REQUEST_LOGGING: 'true',
      RWWWRSE_ACCESS_LOG_PATH: path,
    },
  });
  const client = new RawClient(program.port);
  t.after(() => client.destroy());
  client.send(
    'GET / HTTP/1.1\r\nHost: x.test\r\nConnection: upgrade\r\nUpgrade: websocket, x\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await until('the switch', () => client.statuses[0] === 101);
  assert.equal(await metricValue(program.port, 'rwwwrse_tunnels{protocol="other"}'), 1);
  const { received } = client;
  program.signal('SIGTERM');
  await until('the end', () => client.ended || client.closed);
  assert.equal(client.received, received);
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
  assert.match(readFileSync(path, 'latin1'), / 101 0 .* bytes_received=0 .*response_time=\d+ status=101\n/);
});

test('a second signal says Close to those that can hear it, and ends the program', async (t) => {
  const backend = await startWebSocketBackend(t);
  const program = await startProgram(t, {
    env: { ...ROOM, RWWWRSE_DEFAULT_BACKEND: backend.url, RWWWRSE_SHUTDOWN_TIMEOUT: '60s' },
  });
  const clients = await openAll(t, program, 40);
  program.signal('SIGTERM');
  const stopping = await program.untilLogged('stopping');
  await until('a second has passed', () => Date.now() - Date.parse(String(stopping.time)) > 1_100);
  assert.ok(clients.filter(({ end }) => end === null).length > 20);
  program.signal('SIGTERM');
  const ends = await Promise.all(clients.map((client) => client.ended()));
  assert.deepEqual(new Set(ends.map(({ code }) => code)), new Set([1001]));
  await until('the backend heard of all', () => backend.peers.every(({ closeCode }) => closeCode === 1001));
  assert.deepEqual(await program.ended(), { code: 130, signal: null });
});

test('the WebSockets of a worker that is replaced are told to go, those of others are not', async (t) => {
  const backend = await startWebSocketBackend(t);
  const program = await startProgram(t, {
    nodeFlags: INSPECT,
    env: { ...ROOM, RWWWRSE_DEFAULT_BACKEND: backend.url },
  });
  const clients = await openAll(t, program, 100);
  await runInWorker(program, 'data-0', "throw new Error('drill');");
  await program.untilLogged('worker replaced');
  // A replaced worker has 30 s; a few seconds show that it spreads its farewells.
  await until('some were told to go', () => clients.filter(({ end }) => end !== null).length >= 5, 20_000);
  const ended = clients.flatMap(({ end }) => (end === null ? [] : [`${end.code} ${end.wasClean}`]));
  assert.deepEqual(new Set(ended), new Set(['1001 true']));
  const open = clients.filter(({ end }) => end === null);
  assert.ok(open.length > 20);
  for (const { socket } of open) socket.send('still here');
  await until('the others talk', () => open.every(({ messages, end }) => messages.length > 0 || end?.code === 1001));
});

test('closed tunnels are counted by who began, and bytes by their direction', async (t) => {
  const backend = await startWebSocketBackend(t, {
    onFrame: (peer, frame) => {
      if (frame.opcode === OPCODE.text && frame.payload.toString() === 'die') peer.socket.destroy();
      else echo(peer, frame);
    },
  });
  const program = await startProgram(t, { env: { RWWWRSE_DEFAULT_BACKEND: backend.url } });
  const [one, two] = await openAll(t, program, 2);
  one?.socket.send('x'.repeat(100));
  await until('the echo', () => one?.messages.length === 1);
  one?.socket.close(1000);
  assert.equal((await one?.ended())?.code, 1000);
  two?.socket.send('die');
  assert.equal((await two?.ended())?.code, 1006);
  await until(
    'none is open',
    async () => (await metricValue(program.port, 'rwwwrse_tunnels{protocol="websocket"}')) === 0,
  );
  const metrics = await readMetrics(program.port);
  assert.equal(metrics.get('rwwwrse_tunnels_opened_total{protocol="websocket"}'), 2);
  assert.equal(metrics.get('rwwwrse_tunnels_closed_total{reason="client"}'), 1);
  assert.equal(metrics.get('rwwwrse_tunnels_closed_total{reason="backend"}'), 1);
  assert.equal(metrics.get('rwwwrse_tunnel_bytes_total{direction="to_backend"}'), 106 + 8 + 9);
  assert.equal(metrics.get('rwwwrse_tunnel_bytes_total{direction="to_client"}'), 102 + 4);
});

test('how long a tunnel was open says nothing about how fast requests are answered', async (t) => {
  const backend = await startWebSocketBackend(t);
  const program = await startProgram(t, { env: { RWWWRSE_DEFAULT_BACKEND: backend.url } });
  const [client] = await openAll(t, program, 1);
  const openedMs = performance.now();
  await until('it was open for a second', () => performance.now() - openedMs > 1_000);
  client?.socket.close();
  await client?.ended();
  const sum = await until('it is counted', async () => {
    const metrics = await readMetrics(program.port);
    return [...metrics].find(([name]) => /^rwwwrse_request_duration_seconds_sum\{.*path="\/"/.test(name)) ?? null;
  });
  assert.ok(sum[1] < 0.9, String(sum));
});
