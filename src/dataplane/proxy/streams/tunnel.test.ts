import assert from 'node:assert/strict';
import test from 'node:test';

import fc from 'fast-check';
import { TICK_MS, TimerWheel } from '../../../base/time/timer-wheel.ts';
import { FrameTracker } from '../../../base/websocket/frame-tracker.ts';
import type { TunnelEnd } from '../../../telemetry/metrics/families.ts';
import type { StreamMetrics } from '../../../telemetry/metrics/stream-metrics.ts';
import type { TunnelSide } from '../../exchange/downstream.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import { OpenStreams } from './open-streams.ts';
import { Tunnel } from './tunnel.ts';

const IDLE_MS = 60_000;
const CLOSE_1001 = '\x88\x02\x03\xe9';
const TEXT_TO_CLIENT = '\x81\x02hi';
const TEXT_TO_BACKEND = '\x81\x82\0\0\0\0hi';
const CLIENT_CLOSE = '\x88\x82\0\0\0\0\x03\xe9';

/** One side of a tunnel as the tunnel sees it. */
class Side implements TunnelSide {
  text = '';
  ended = false;
  closed = false;
  paused = false;

  tunnelData(bytes: Buffer, start: number, end: number): void {
    assert.ok(!this.ended && !this.closed, 'data behind the end');
    this.text += bytes.latin1Slice(start, end);
  }

  tunnelEnd(): void {
    this.ended = true;
  }

  tunnelClosed(): void {
    this.closed = true;
  }

  tunnelOver(): void {
    return;
  }

  pauseTunnel(): void {
    this.paused = true;
  }

  resumeTunnel(): void {
    this.paused = false;
  }
}

class Stage {
  readonly wheel: TimerWheel = new TimerWheel(0);
  readonly client: Side = new Side();
  readonly backend: Side = new Side();
  readonly ends: TunnelEnd[] = [];
  readonly tunnel: Tunnel;
  readonly exchange = { bytesReceived: 0 } as Exchange;
  toBackend = 0;
  toClient = 0;
  held = 0;

  constructor(isWebSocket = true, idleMs = IDLE_MS) {
    const metrics = {
      opened: () => undefined,
      tunnelClosed: (end: TunnelEnd) => void this.ends.push(end),
      sentToBackend: (bytes: number) => void (this.toBackend += bytes),
      sentToClient: (bytes: number) => void (this.toClient += bytes),
    } as unknown as StreamMetrics;
    const held = { add: (_cell: number, delta: number) => (this.held += delta) };
    const streams = new OpenStreams({ wheel: this.wheel, held, metrics });
    this.tunnel = new Tunnel(streams, this.exchange, idleMs, isWebSocket);
    this.tunnel.toBackend.target = this.backend;
    this.tunnel.toClient.target = this.client;
  }

  /** Lets time pass, tick by tick. */
  pass(ms: number): void {
    for (const endMs = this.wheel.nowMs + ms; this.wheel.nowMs < endMs;) this.wheel.advance(this.wheel.nowMs + TICK_MS);
  }

  fromClient(text: string): void {
    this.tunnel.toBackend.tunnelData(Buffer.from(text, 'latin1'), 0, text.length);
  }

  fromBackend(text: string): void {
    this.tunnel.toClient.tunnelData(Buffer.from(text, 'latin1'), 0, text.length);
  }
}

/** Undoes the mask of a Close frame to the backend. */
function unmasked(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  assert.equal(bytes[1], 0x82);
  return Buffer.from([6, 7].map((at) => (bytes[at] as number) ^ (bytes[at - 4] as number))).latin1Slice();
}

test('bytes, ends and pauses pass both ways, and bytes are counted', () => {
  const stage = new Stage(false);
  stage.fromClient('abc');
  stage.fromBackend('defg');
  assert.deepEqual([stage.backend.text, stage.client.text], ['abc', 'defg']);
  assert.deepEqual([stage.toBackend, stage.toClient], [3, 4]);
  stage.tunnel.toBackend.pauseTunnel();
  assert.ok(stage.backend.paused && !stage.client.paused);
  stage.tunnel.toBackend.resumeTunnel();
  assert.ok(!stage.backend.paused);
  stage.tunnel.toBackend.tunnelEnd();
  assert.ok(stage.backend.ended && !stage.client.ended);
  stage.tunnel.over();
  assert.deepEqual([stage.ends, stage.exchange.bytesReceived, stage.held], [['client'], 3, 0]);
});

for (const [who, send] of [
  ['client', (stage: Stage) => stage.fromClient('\x89\x80\0\0\0\0')],
  ['backend', (stage: Stage) => stage.fromBackend('\x8a\x00')],
] as const) {
  test(`a ping or pong of the ${who} alone keeps a tunnel open for as long as it wants`, () => {
    const stage = new Stage();
    for (let i = 0; i < 5; i++) {
      stage.pass(IDLE_MS - 1_000);
      send(stage);
    }
    assert.equal(stage.client.text.includes(CLOSE_1001), false);
    stage.pass(IDLE_MS - 1_000);
    assert.equal(stage.client.text.includes(CLOSE_1001), false);
    stage.pass(2_000);
    assert.ok(stage.client.text.endsWith(CLOSE_1001));
  });
}

test('a silent WebSocket is closed with 1001, the backend is told what its client did not say, then both connections end', () => {
  const stage = new Stage();
  stage.pass(IDLE_MS + 200);
  assert.equal(stage.client.text, CLOSE_1001);
  assert.deepEqual([stage.backend.text, stage.client.ended], ['', false]);
  stage.pass(2_200);
  assert.equal(unmasked(stage.backend.text), '\x03\xe9');
  assert.deepEqual([stage.backend.ended, stage.client.ended, stage.client.closed], [true, true, false]);
  stage.pass(1_200);
  assert.ok(stage.backend.closed && stage.client.closed);
  stage.tunnel.over();
  assert.deepEqual(stage.ends, ['idle']);
});

test('a silent tunnel of another protocol, and one in the middle of a frame, are closed at once', () => {
  const other = new Stage(false);
  const torn = new Stage();
  torn.fromBackend('\x81\x05a');
  for (const stage of [other, torn]) {
    stage.pass(IDLE_MS + 200);
    assert.deepEqual(
      [stage.client.text.includes(CLOSE_1001), stage.client.closed, stage.backend.closed],
      [false, true, true],
    );
    stage.tunnel.over();
    assert.deepEqual(stage.ends, ['idle']);
  }
});

test('without an idle limit a tunnel is silent for ever', () => {
  const stage = new Stage(true, 0);
  stage.pass(400_000);
  assert.equal(stage.client.text, '');
});

test('at a drain what the client sent before it heard of it still reaches the backend, and its Close is what the backend gets', () => {
  const stage = new Stage();
  stage.fromBackend(TEXT_TO_CLIENT);
  stage.tunnel.goAway();
  assert.equal(stage.client.text, TEXT_TO_CLIENT + CLOSE_1001);
  stage.fromBackend(TEXT_TO_CLIENT);
  assert.equal(stage.client.text, TEXT_TO_CLIENT + CLOSE_1001, 'data behind the Close');
  stage.fromClient(TEXT_TO_BACKEND + CLIENT_CLOSE);
  assert.equal(stage.backend.text, TEXT_TO_BACKEND + CLIENT_CLOSE);
  // The backend's own Close is the answer to the client's: the client has had one.
  stage.fromBackend(CLOSE_1001);
  stage.tunnel.toClient.tunnelEnd();
  assert.equal(stage.client.text, TEXT_TO_CLIENT + CLOSE_1001);
  assert.ok(stage.client.ended);
  stage.tunnel.over();
  assert.deepEqual(stage.ends, ['drain']);
});

test('a drain waits for the end of the frame that runs; what follows it is not passed on', () => {
  const stage = new Stage();
  stage.fromBackend('\x81\x05ab');
  stage.tunnel.goAway();
  stage.pass(10_000);
  assert.equal(stage.client.text, '\x81\x05ab');
  stage.fromBackend('c');
  stage.fromBackend(`de${TEXT_TO_CLIENT}`);
  assert.equal(stage.client.text, `\x81\x05abcde${CLOSE_1001}`);
  stage.pass(2_200);
  assert.equal(unmasked(stage.backend.text), '\x03\xe9');
});

test('a Close that one side has sent already is not followed by one of ours', () => {
  const byBackend = new Stage();
  byBackend.fromBackend('\x88\x02\x03\xe8');
  byBackend.tunnel.goAway();
  assert.equal(byBackend.client.text, '\x88\x02\x03\xe8');
  const byClient = new Stage();
  byClient.fromClient(CLIENT_CLOSE);
  byClient.tunnel.goAway();
  assert.equal(byClient.client.text, '');
  byClient.fromBackend('\x88\x02\x03\xe8');
  assert.equal(byClient.client.text, '\x88\x02\x03\xe8');
  const running = new Stage();
  running.fromBackend('\x88\x02');
  running.tunnel.goAway();
  running.fromBackend('\x03\xe8');
  assert.equal(running.client.text, '\x88\x02\x03\xe8');
});

test('who does not close after a Close is closed', () => {
  const stage = new Stage();
  stage.fromClient(CLIENT_CLOSE);
  stage.tunnel.goAway();
  stage.pass(2_200);
  assert.deepEqual([stage.backend.text, stage.backend.ended, stage.client.ended], [CLIENT_CLOSE, true, true]);
  stage.pass(1_200);
  assert.ok(stage.backend.closed && stage.client.closed);
});

test('bytes that are no frames are never followed by a Close frame', () => {
  const stage = new Stage();
  stage.fromBackend('\xff\xff\xff');
  stage.tunnel.goAway();
  stage.fromBackend(TEXT_TO_CLIENT);
  stage.pass(10_000);
  assert.equal(stage.client.text, `\xff\xff\xff${TEXT_TO_CLIENT}`);
  stage.tunnel.cut();
  assert.equal(stage.client.text, `\xff\xff\xff${TEXT_TO_CLIENT}`);
});

test('a tunnel of another protocol is left alone until it is cut', () => {
  const stage = new Stage(false);
  stage.tunnel.goAway();
  stage.pass(10_000);
  stage.fromBackend('x');
  assert.deepEqual([stage.client.text, stage.client.closed], ['x', false]);
  stage.tunnel.cut();
  assert.deepEqual([stage.client.text, stage.client.closed, stage.backend.closed], ['x', true, true]);
  stage.tunnel.over();
  assert.deepEqual(stage.ends, ['drain']);
});

test('a cut says Close to both sides where a frame ends, and nothing where none does', () => {
  const stage = new Stage();
  stage.fromClient('\x81\x85\0\0\0\0a');
  stage.tunnel.cut();
  assert.deepEqual([stage.client.text, stage.backend.text], [CLOSE_1001, '\x81\x85\0\0\0\0a']);
  assert.ok(stage.client.ended && stage.client.closed && stage.backend.ended && stage.backend.closed);
  const quiet = new Stage();
  quiet.tunnel.cut();
  assert.equal(unmasked(quiet.backend.text), '\x03\xe9');
});

test('what is left of one side, once the other is closed, has thirty seconds', () => {
  const stage = new Stage(false);
  stage.tunnel.toBackend.tunnelEnd();
  stage.tunnel.toClient.tunnelEnd();
  stage.tunnel.toBackend.tunnelOver();
  stage.pass(29_000);
  assert.ok(!stage.backend.closed);
  stage.pass(2_000);
  assert.ok(stage.backend.closed);
});

test('a tunnel whose sides are both closed is in no timer any more', () => {
  const stage = new Stage(false);
  stage.tunnel.toBackend.tunnelOver();
  stage.tunnel.toClient.tunnelOver();
  stage.pass(IDLE_MS + 40_000);
  assert.ok(!stage.backend.closed);
});

test('whenever a drain comes, the client gets whole frames and one Close behind them', () => {
  const frame = fc.record({ opcode: fc.constantFrom(1, 2, 9, 10), length: fc.integer({ min: 0, max: 200 }) });
  fc.assert(
    fc.property(
      fc.array(frame, { minLength: 1, maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 20 }),
      fc.nat(60),
      (drawn, lengths, goAt) => {
        const frames = drawn.map(({ opcode, length }) => {
          const size = opcode > 8 ? Math.min(length, 125) : length;
          const header = size < 126 ? [0x80 | opcode, size] : [0x80 | opcode, 126, 0, size];
          return Buffer.concat([Buffer.from(header), Buffer.alloc(size, 0x88)]);
        });
        const stage = new Stage();
        const bytes = Buffer.concat(frames);
        let at = 0;
        for (let piece = 0; at < bytes.length; piece++) {
          if (piece === goAt) stage.tunnel.goAway();
          const end = Math.min(bytes.length, at + (lengths[piece % lengths.length] as number));
          stage.tunnel.toClient.tunnelData(bytes, at, end);
          at = end;
        }
        stage.tunnel.goAway();
        const got = Buffer.from(stage.client.text, 'latin1');
        const tracker = new FrameTracker(false);
        tracker.advance(got, 0, got.length);
        assert.ok(tracker.atBorder && tracker.closed);
        assert.ok(stage.client.text.endsWith(CLOSE_1001));
        const passed = got.subarray(0, -4);
        assert.deepEqual(passed, bytes.subarray(0, passed.length));
        const borders = [0, ...frames.map((_, i) => Buffer.concat(frames.slice(0, i + 1)).length)];
        assert.ok(borders.includes(passed.length));
      },
    ),
    { numRuns: 300 },
  );
});
