import assert from 'node:assert/strict';
import test from 'node:test';

import { TICK_MS, TimerWheel } from '../../../base/time/timer-wheel.ts';
import type { StreamMetrics } from '../../../telemetry/metrics/stream-metrics.ts';
import type { OpenStream } from '../../exchange/open-stream.ts';
import { OpenStreams } from './open-streams.ts';

class Stage {
  readonly wheel: TimerWheel = new TimerWheel(0);
  readonly streams: OpenStreams;
  /** When each stream was told to go, by its number. */
  readonly goneMs: Map<number, number> = new Map();
  readonly cutMs: Map<number, number> = new Map();
  held = 0;

  constructor() {
    const metrics = { opened: () => undefined } as unknown as StreamMetrics;
    const held = { add: (_cell: number, delta: number) => (this.held += delta) };
    this.streams = new OpenStreams({ wheel: this.wheel, held, metrics });
  }

  open(number: number): OpenStream {
    const stream = {
      goAway: () => void this.goneMs.set(number, this.wheel.nowMs),
      cut: () => {
        this.cutMs.set(number, this.wheel.nowMs);
        this.streams.closed(stream, 'websocket');
      },
      over: () => undefined,
    };
    this.streams.opened(stream, 'websocket');
    return stream;
  }

  pass(ms: number): void {
    for (const endMs = this.wheel.nowMs + ms; this.wheel.nowMs < endMs;) this.wheel.advance(this.wheel.nowMs + TICK_MS);
  }
}

test('a drain tells its streams to go one after the other, evenly over its time but for the last five seconds', () => {
  const stage = new Stage();
  for (let i = 0; i < 1_000; i++) stage.open(i);
  stage.streams.drain(30_000);
  stage.pass(26_000);
  assert.equal(stage.goneMs.size, 1_000);
  const times = [...stage.goneMs.values()];
  assert.ok(Math.max(...times) <= 25_500, String(Math.max(...times)));
  const perSecond = Array.from({ length: 25 }, (_, s) => times.filter((at) => Math.floor(at / 1_000) === s).length);
  for (const [second, count] of perSecond.entries()) assert.ok(count >= 25 && count <= 60, `${second}: ${count}`);
});

test('the order is random: who connected first is not told first', () => {
  const stage = new Stage();
  for (let i = 0; i < 200; i++) stage.open(i);
  stage.streams.drain(10_000);
  stage.pass(6_000);
  const order = [...stage.goneMs.keys()];
  assert.equal(order.length, 200);
  assert.notDeepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
  const displaced = order.filter((number, at) => Math.abs(number - at) > 20).length;
  assert.ok(displaced > 100, `${displaced} of 200 are far from their place`);
});

test('a single stream is not always told in the first moment', () => {
  const times = Array.from({ length: 60 }, () => {
    const stage = new Stage();
    stage.open(0);
    stage.streams.drain(10_000);
    stage.pass(6_000);
    return stage.goneMs.get(0) as number;
  });
  assert.ok(Math.max(...times) - Math.min(...times) > 1_500, times.join(' '));
});

test('what is left just before the end of a drain is cut, however short the drain', () => {
  for (const forMs of [1_000, 4_000, 30_000]) {
    const stage = new Stage();
    stage.open(0);
    stage.streams.drain(forMs);
    const toldMs = forMs - Math.min(5_000, forMs / 2) + 200;
    stage.pass(toldMs);
    assert.ok(stage.goneMs.has(0), String(forMs));
    stage.pass(forMs - toldMs);
    assert.ok((stage.cutMs.get(0) as number) < forMs, `${forMs}: ${stage.cutMs.get(0)}`);
    assert.equal(stage.held, 0);
  }
});

test('a stream that opens while the worker drains is told, too; one that closed is not', () => {
  const stage = new Stage();
  const closed = stage.open(0);
  stage.streams.drain(10_000);
  stage.streams.closed(closed, 'websocket');
  stage.pass(1_000);
  stage.open(1);
  stage.pass(5_000);
  assert.deepEqual([...stage.goneMs.keys()], [1]);
});

test('before a drain nobody is told anything', () => {
  const stage = new Stage();
  stage.open(0);
  stage.pass(100_000);
  assert.deepEqual([stage.goneMs.size, stage.cutMs.size, stage.held], [0, 0, 1]);
});
