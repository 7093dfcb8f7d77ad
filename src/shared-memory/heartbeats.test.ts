import assert from 'node:assert/strict';
import test from 'node:test';

import { inThreads } from '../../tests/support/in-threads.ts';
import { Heartbeats, steadyMs } from './heartbeats.ts';
import type * as Tested from './heartbeats.ts';
import { createRegions } from './regions.ts';

test('there is no age before the first sign of life, and none after a death', () => {
  const beats = new Heartbeats(createRegions(2));
  assert.equal(beats.ageMs(0, 5_000), null);
  beats.beat(0, 5_000);
  assert.equal(beats.ageMs(0, 8_000), 3_000);
  assert.equal(beats.ageMs(1, 8_000), null);
  beats.reclaim(0);
  assert.equal(beats.ageMs(0, 8_000), null);
});

test('main has a heartbeat beside the workers', () => {
  const beats = new Heartbeats(createRegions(2));
  beats.beat(beats.main, 1_000);
  assert.deepEqual([beats.ageMs(0, 1_000), beats.ageMs(1, 1_000), beats.ageMs(beats.main, 1_500)], [null, null, 500]);
});

test('ages stay right where the stored number wraps', () => {
  const beats = new Heartbeats(createRegions(1));
  const wrapMs = 0x3fffffff * 100;
  for (const beforeMs of [wrapMs - 2_000, wrapMs - 100, wrapMs]) {
    beats.beat(0, beforeMs);
    const age = beats.ageMs(0, beforeMs + 2_500) ?? -1;
    assert.ok(age >= 2_400 && age <= 2_700, `${age} ms after a beat at ${beforeMs}`);
  }
});

test('the clock is the same in all threads and never goes back', async () => {
  const before = steadyMs();
  const seen = await inThreads(new URL('./heartbeats.ts', import.meta.url), [0, 1], (module: typeof Tested) =>
    module.steadyMs(),
  );
  const after = steadyMs();
  for (const time of seen) assert.ok(time >= before && time <= after, `${before} ${time} ${after}`);
});

test('the wall clock may be set: ages do not follow it', (context) => {
  const beats = new Heartbeats(createRegions(1));
  beats.beat(0, steadyMs());
  context.mock.timers.enable({ apis: ['Date'], now: Date.now() - 3_600_000 });
  assert.ok((beats.ageMs(0, steadyMs()) ?? -1) < 60_000);
});
