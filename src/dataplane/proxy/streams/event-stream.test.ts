import assert from 'node:assert/strict';
import test from 'node:test';

import { TICK_MS, TimerWheel } from '../../../base/time/timer-wheel.ts';
import type { StreamMetrics } from '../../../telemetry/metrics/stream-metrics.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import { EventStream } from './event-stream.ts';
import { OpenStreams } from './open-streams.ts';

const IDLE_MS = 60_000;

function stage(idleMs = IDLE_MS) {
  const wheel = new TimerWheel(0);
  const seen = { text: '', ends: 0, aborts: 0, held: 0 };
  const metrics = { opened: () => undefined } as unknown as StreamMetrics;
  const held = { add: (_cell: number, delta: number) => (seen.held += delta) };
  const streams = new OpenStreams({ wheel, held, metrics });
  const exchange = { running: { abort: () => seen.aborts++ } } as unknown as Exchange;
  const sink = {
    bodyData: (bytes: Buffer, start: number, end: number) => void (seen.text += bytes.latin1Slice(start, end)),
    bodyEnd: () => void seen.ends++,
  };
  const stream = new EventStream(streams, exchange, sink, idleMs);
  const send = (text: string): void => stream.bodyData(Buffer.from(text, 'latin1'), 0, text.length);
  const pass = (ms: number): void => {
    for (const endMs = wheel.nowMs + ms; wheel.nowMs < endMs;) wheel.advance(wheel.nowMs + TICK_MS);
  };
  return { stream, seen, send, pass };
}

test('events pass at once, and comments keep the stream open', () => {
  const { seen, send, pass } = stage();
  for (let i = 0; i < 5; i++) {
    send(':\n\n');
    assert.equal(seen.text.length, 3 * (i + 1));
    pass(IDLE_MS - 1_000);
  }
  assert.deepEqual([seen.ends, seen.aborts], [0, 0]);
});

test('a silent stream ends complete, and its backend is let go', () => {
  const { seen, pass } = stage();
  pass(IDLE_MS + 200);
  assert.deepEqual([seen.ends, seen.aborts], [1, 1]);
});

test('without an idle limit it is silent for ever', () => {
  const { seen, pass } = stage(0);
  pass(400_000);
  assert.equal(seen.ends, 0);
});

test('at a drain it ends between two events', () => {
  const { stream, seen, send } = stage();
  send('data: a\n');
  stream.goAway();
  assert.equal(seen.ends, 0);
  send('data: b\n');
  assert.equal(seen.ends, 0);
  send('\n');
  assert.deepEqual([seen.ends, seen.aborts, seen.text], [1, 1, 'data: a\ndata: b\n\n']);
  send('data: c\n\n');
  stream.bodyEnd(null);
  stream.cut();
  assert.deepEqual([seen.ends, seen.aborts, seen.text.length], [1, 1, 17]);
});

test('between two events it ends at once', () => {
  const { stream, seen, send } = stage();
  send('data: a\n\n');
  stream.goAway();
  assert.equal(seen.ends, 1);
});

test('the end of the drain does not wait for the end of an event', () => {
  const { stream, seen, send } = stage();
  send('data: a');
  stream.goAway();
  stream.cut();
  assert.equal(seen.ends, 1);
});

test('a stream that is over waits for nothing and is held no more', () => {
  const { stream, seen, pass } = stage();
  assert.equal(seen.held, 1);
  stream.over();
  pass(IDLE_MS * 2);
  assert.deepEqual([seen.ends, seen.aborts, seen.held], [0, 0, 0]);
});
