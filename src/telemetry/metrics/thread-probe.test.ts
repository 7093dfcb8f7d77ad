import assert from 'node:assert/strict';
import test from 'node:test';

import { until } from '../../../tests/support/until.ts';
import { DURATION_BUCKETS, DURATION_SLOTS, GC_KINDS } from './families.ts';
import { ownThreadSlots, ThreadProbe } from './thread-probe.ts';

test('a timer that comes late counts by how late it comes', (context) => {
  const slots = ownThreadSlots();
  const probe = new ThreadProbe(slots, 50);
  context.after(() => probe.close());
  const start = performance.now();
  probe.tick(start + 1_000_000);
  probe.tick(start + 1_000_050);
  probe.tick(start + 1_000_090);
  probe.tick(start + 1_000_340);
  const bucket = (bound: number): number => slots.row[slots.delay + DURATION_BUCKETS.indexOf(bound)] as number;
  assert.equal(bucket(0.001), 2, 'in time and early');
  assert.equal(bucket(0.25), 1);
  assert.equal(slots.row[slots.delay + DURATION_BUCKETS.length], 1, 'the first one was very late');
});

test('garbage collections of the thread count by their kind', async (context) => {
  const slots = ownThreadSlots();
  const probe = new ThreadProbe(slots, 50);
  context.after(() => probe.close());
  const minor = slots.gc[GC_KINDS.indexOf('minor')] as number;
  const kept: unknown[] = [];
  await until('a minor collection was counted', () => {
    for (let i = 0; i < 100_000; i++) kept[i % 1_000] = { i };
    return slots.row.subarray(minor, minor + DURATION_SLOTS - 1).some((count) => count > 0);
  });
  assert.ok((slots.row[minor + DURATION_SLOTS - 1] as number) > 0, 'the sum of seconds');
});
