import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { RawClient } from '../support/raw-client.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { until } from '../support/until.ts';
import {
  startWebSocketBackend,
  type WebSocketBackend,
  type WebSocketBehaviour,
} from '../support/web-socket-backend.ts';
import { WebSocketClient } from '../support/web-socket-client.ts';
import { closeCodeOf, frameBytes, FrameReader, OPCODE } from '../support/web-socket-frames.ts';

const MASK = [1, 2, 3, 4];
const UPGRADE =
  'GET /chat HTTP/1.1\r\nHost: ws.test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

interface Stage {
  readonly backend: WebSocketBackend;
  readonly rig: Rig;
  readonly url: string;
}

async function stage(
  t: Parameters<typeof startRig>[0],
  behaviour: WebSocketBehaviour = {},
  options: Partial<Parameters<typeof startRig>[1]> = {},
): Promise<Stage> {
  const backend = await startWebSocketBackend(t, behaviour);
  const rig = await startRig(t, { ...options, backends: [backend.port] });
  return { backend, rig, url: `ws://127.0.0.1:${rig.port}/chat` };
}

/** A client of raw frames, behind its handshake. */
class FrameClient {
  readonly raw: RawClient;
  readonly reader: FrameReader = new FrameReader();
  private taken = 0;

  constructor(port: number, fields = '') {
    this.raw = new RawClient(port, 50_000_000);
    this.raw.send(`${UPGRADE}${fields}\r\n`);
  }

  async opened(): Promise<this> {
    await until('the switch', () => this.raw.text.includes('\r\n\r\n'));
    assert.match(this.raw.text, /^HTTP\/1\.1 101 /);
    this.taken = this.raw.text.indexOf('\r\n\r\n') + 4;
    return this;
  }

  /** Frames that came so far. */
  get frames(): FrameReader['frames'] {
    const { text } = this.raw;
    if (text.length > this.taken) this.reader.read(Buffer.from(text.slice(this.taken), 'latin1'));
    this.taken = text.length;
    return this.reader.frames;
  }

  send(first: number, payload: Buffer | string): void {
    this.raw.socket.write(frameBytes(first, payload, MASK));
  }

  destroy(): void {
    this.raw.destroy();
  }
}

test('a WebSocket opens, talks and closes as if the proxy was not there', async (t) => {
  const { backend, rig, url } = await stage(t);
  const client = await new WebSocketClient(t, url).opened();
  client.socket.send('grüße');
  client.socket.send(Buffer.alloc(300_000, 7));
  await until('both answers', () => client.messages.length === 2);
  assert.equal(client.messages[0], 'grüße');
  assert.deepEqual(Buffer.from(client.messages[1] as ArrayBuffer), Buffer.alloc(300_000, 7));
  assert.equal(rig.gauges.tunnels, 1);
  client.socket.close(4_321, 'done');
  const end = await client.ended();
  assert.deepEqual([end.code, end.wasClean], [4_321, true]);
  assert.deepEqual([backend.peers[0]?.closeCode, backend.peers[0]?.violation], [4_321, null]);
  await rig.settle();
  assert.deepEqual(rig.statuses, [101]);
});

test('subprotocols and extensions are the business of the two ends', async (t) => {
  const { backend, rig } = await stage(t, {
    fields: 'Sec-WebSocket-Protocol: chat.v2\r\nSec-WebSocket-Extensions: permessage-deflate\r\n',
  });
  const client = await new FrameClient(
    rig.port,
    'Sec-WebSocket-Protocol: chat.v1, chat.v2\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n',
  ).opened();
  assert.match(
    client.raw.text,
    /\r\nSec-WebSocket-Protocol: chat\.v2\r\nSec-WebSocket-Extensions: permessage-deflate\r\n/,
  );
  assert.match(
    backend.peers[0]?.head ?? '',
    /Protocol: chat\.v1, chat\.v2\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n/,
  );
  // RSV1, as compressed messages have it.
  client.send(0xc1, 'not really compressed');
  await until('the frame comes back', () => client.frames.length === 1);
  assert.equal(client.frames[0]?.first, 0xc1);
  client.destroy();
  await rig.settle();
});

test('pings and pongs are answered by the other end, never by the proxy', async (t) => {
  const { backend, rig } = await stage(t, { onFrame: () => undefined });
  const client = await new FrameClient(rig.port).opened();
  const [peer] = backend.peers;
  client.send(0x89, 'are you there');
  await until('the ping at the backend', () => peer?.frames.length === 1);
  assert.equal(peer?.frames[0]?.payload.toString(), 'are you there');
  peer?.send(0x89, 'and you');
  await until('the ping at the client', () => client.frames.length === 1);
  client.send(0x8a, 'and you');
  await until('the pong at the backend', () => peer?.frames.length === 2);
  assert.deepEqual(
    [client.frames, peer?.frames].map((frames) => frames?.map(({ opcode }) => opcode)),
    [[OPCODE.ping], [OPCODE.ping, OPCODE.pong]],
  );
  client.destroy();
  await rig.settle();
});

test('a message in pieces with control frames between them arrives in the same pieces', async (t) => {
  const { backend, rig } = await stage(t, { onFrame: () => undefined });
  const client = await new FrameClient(rig.port).opened();
  const sent: readonly (readonly [number, number])[] = [
    [0x02, 70_000],
    [0x89, 125],
    [0x00, 0],
    [0x00, 126],
    [0x8a, 0],
    [0x80, 5],
  ];
  for (const [first, length] of sent) client.send(first, Buffer.alloc(length, first));
  const [peer] = backend.peers;
  await until('all frames', () => peer?.frames.length === sent.length);
  assert.deepEqual(
    peer?.frames.map(({ first, payload }) => [first, payload.length]),
    sent,
  );
  assert.equal(peer?.violation, null);
  client.destroy();
  await rig.settle();
});

test('a frame of 3 MB comes back whole', async (t) => {
  const { rig } = await stage(t);
  const client = await new FrameClient(rig.port).opened();
  const payload = Buffer.alloc(3_000_000);
  for (let i = 0; i < payload.length; i += 4_096) payload.writeUInt32LE(i, i);
  client.send(0x82, payload);
  await until('the frame', () => client.raw.received > payload.length);
  assert.ok(client.frames[0]?.payload.equals(payload));
  client.destroy();
  await rig.settle();
});

test('a frame that comes byte by byte, from the byte behind the handshake on, is followed to its end', async (t) => {
  const { backend, rig } = await stage(t, { onFrame: () => undefined });
  const backendFrame = frameBytes(0x81, 'slow');
  const client = await new FrameClient(rig.port).opened();
  const [peer] = backend.peers;
  for (const byte of backendFrame.subarray(0, -1)) {
    peer?.socket.write(Buffer.from([byte]));
    await until('the byte', () => client.raw.text.charCodeAt(client.raw.text.length - 1) === byte);
  }
  rig.drain(4_000);
  await until('it was told to go', () => rig.gauges.tunnels === 1);
  assert.equal(client.frames.length, 0);
  // Whenever the drain tells it: the last byte is followed by our Close, or the Close comes some time later.
  peer?.socket.write(backendFrame.subarray(-1));
  await until('Close', () => client.frames.length === 2);
  assert.deepEqual(
    client.frames.map(({ opcode }) => opcode),
    [OPCODE.text, OPCODE.close],
  );
  assert.equal(closeCodeOf(client.frames[1] as never), 1001);
  client.destroy();
  await rig.settle();
});

test('a drain closes with 1001 towards both ends, and everything that the client said before arrives', async (t) => {
  const { backend, rig, url } = await stage(t);
  const clients = await Promise.all(Array.from({ length: 20 }, () => new WebSocketClient(t, url).opened()));
  rig.drain(3_000);
  let sent = 0;
  const talk = setInterval(() => {
    for (const { socket } of clients) {
      if (socket.readyState !== WebSocket.OPEN) continue;
      socket.send('x'.repeat(200));
      sent++;
    }
  }, 5);
  const ends = await Promise.all(clients.map((client) => client.ended()));
  clearInterval(talk);
  assert.deepEqual(new Set(ends.map(({ code, wasClean }) => `${code} ${wasClean}`)), new Set(['1001 true']));
  await until('all backend sides ended', () => backend.peers.every(({ closed }) => closed));
  assert.deepEqual(
    new Set(backend.peers.map(({ closeCode, violation }) => `${closeCode} ${violation}`)),
    new Set(['1001 null']),
  );
  for (const { reader } of backend.peers) assert.equal(reader.torn, 0);
  const said = backend.peers.flatMap(({ frames }) => frames.filter(({ opcode }) => opcode === OPCODE.text));
  assert.equal(said.length, sent);
  assert.ok(said.every(({ payload }) => payload.equals(Buffer.alloc(200, 'x'))));
  await rig.settle();
});

test('a client that does not answer the Close is spoken for: the backend gets a masked 1001, then both ends', async (t) => {
  const { backend, rig } = await stage(t, {}, { tunnelIdleMs: 100 });
  const client = await new FrameClient(rig.port).opened();
  const [peer] = backend.peers;
  await until('the backend has its Close', () => peer?.closeCode !== null);
  assert.deepEqual([peer?.closeCode, peer?.violation], [1001, null]);
  await until('the client got Close and the end', () => client.raw.ended);
  assert.deepEqual(
    client.frames.map((frame) => [frame.opcode, closeCodeOf(frame)]),
    [[OPCODE.close, 1001]],
  );
  client.destroy();
  await rig.settle();
});

test('a silent WebSocket is closed with 1001 by the idle limit, one that pings is not', async (t) => {
  const { backend, rig } = await stage(t, {}, { tunnelIdleMs: 400 });
  const silent = await new FrameClient(rig.port).opened();
  const lively = await new FrameClient(rig.port).opened();
  const ping = setInterval(() => lively.send(0x89, ''), 50);
  t.after(() => clearInterval(ping));
  await until('the silent one got its Close', () => silent.frames.length === 1);
  silent.send(0x88, silent.frames[0]?.payload ?? '');
  await until('its end', () => silent.raw.ended);
  assert.equal(backend.peers[0]?.closeCode, 1001);
  await until('the lively one outlived it by far', () => lively.frames.length > 40);
  assert.ok(lively.frames.every(({ opcode }) => opcode === OPCODE.pong));
  clearInterval(ping);
  lively.destroy();
  silent.destroy();
  await rig.settle();
});

test('frames are followed from the byte behind the heads on: early ones that are not whole are never torn', async (t) => {
  const { backend, rig } = await stage(t, {
    onOpen: (peer) => void peer.socket.write(frameBytes(0x81, 'from the backend').subarray(0, 5)),
  });
  const early = frameBytes(0x81, 'from the client', MASK).subarray(0, 9);
  const client = new RawClient(rig.port);
  client.socket.write(Buffer.concat([Buffer.from(`${UPGRADE}\r\n`), early]));
  await until('both early pieces', () => backend.peers[0]?.reader.torn === 9 && client.text.endsWith('\x81\x10fro'));
  rig.drain(2_000);
  await until('the backend is closed', () => backend.peers[0]?.ended === true);
  await until('the client is closed', () => client.ended || client.closed);
  assert.deepEqual([backend.peers[0]?.reader.torn, backend.peers[0]?.frames.length], [9, 0]);
  assert.ok(client.text.endsWith('\r\n\r\n\x81\x10fro'));
  client.destroy();
  await rig.settle();
});

test('the kernel asks both silent sides whether they are there still', async (t) => {
  const { backend, rig } = await stage(t);
  const client = await new FrameClient(rig.port).opened();
  const ports = [
    { local: rig.port, remote: client.raw.socket.localPort ?? 0 },
    { local: backend.peers[0]?.socket.remotePort ?? 0, remote: backend.port },
  ];
  await until('both keep-alive timers run', () => ports.every(({ local, remote }) => timerOf(local, remote) === '02'));
  client.destroy();
  await rig.settle();
});

/** The kind of timer that runs for a connection of this machine: `02` is keep-alive (proc(5), /proc/net/tcp). */
function timerOf(local: number, remote: number): string | null {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
  const row = readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([, from = '', to = '']) => from.endsWith(`:${hex(local)}`) && to.endsWith(`:${hex(remote)}`));
  return row?.[5]?.slice(0, 2) ?? null;
}

for (const [what, fields] of [
  ['a wrong Sec-WebSocket-Accept', 'Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n'],
  ['another protocol', ''],
] as const) {
  test(`a switch with ${what} is passed, but no frame is ever put into it`, async (t) => {
    // The backend's own second Accept makes the first one, which is joined with it, wrong.
    const { rig } = await stage(t, { fields: fields === '' ? 'Upgrade: other\r\n' : fields });
    const raw = new RawClient(rig.port);
    const upgrade = fields === '' ? UPGRADE.replace('Upgrade: websocket', 'Upgrade: websocket, other') : UPGRADE;
    raw.send(`${upgrade}\r\n`);
    await until('the switch', () => raw.text.endsWith('\r\n\r\n'));
    const { length } = raw.text;
    rig.drain(2_000);
    await until('it is cut', () => raw.ended || raw.closed);
    assert.equal(raw.text.length, length);
    raw.destroy();
    await rig.settle();
  });
}

test('the line of the access log tells the bytes of both ways and how long it was open', async (t) => {
  const { rig } = await stage(t, { onFrame: () => undefined });
  const client = await new FrameClient(rig.port).opened();
  const openedMs = performance.now();
  client.send(0x82, Buffer.alloc(1_000));
  await until('half a second passed', () => performance.now() - openedMs > 500);
  client.destroy();
  await rig.settle();
  const [line = ''] = rig.accessLines;
  assert.match(line, / 101 0 .* bytes_received=1008 .*response_time=\d+ status=101$/);
  assert.ok(Number(/response_time=(\d+)/.exec(line)?.[1]) >= 450, line);
});
