import assert from 'node:assert/strict';
import test from 'node:test';

import { inThreads } from '../../tests/support/in-threads.ts';
import { CounterReader, counterRow, SERIES_LIMITS, SERIES_OTHER, SeriesDirectory } from './counters.ts';
import type * as Tested from './counters.ts';
import { createRegions, type Regions } from './regions.ts';

const MODULE = new URL('./counters.ts', import.meta.url);

test('a series has the same slots whoever asks first, and keeps them', () => {
  const regions = createRegions(2);
  const first = new SeriesDirectory(regions);
  const second = new SeriesDirectory(regions);
  const slot = first.slotOf({ family: 1, a: 7, b: 3, c: 200 }, 1);
  assert.equal(second.slotOf({ family: 1, a: 7, b: 3, c: 200 }, 1), slot);
  const other = second.slotOf({ family: 1, a: 7, b: 3, c: 404 }, 14);
  assert.notEqual(other, slot);
  const behind = first.slotOf({ family: 2, a: 7, b: 3, c: 0 }, 1);
  assert.ok(behind >= other + 14 || behind < other, 'a wide series overlaps the next one');
  assert.equal(first.overflows, 0);
});

test('the largest numbers of a key come back as they were given', () => {
  const regions = createRegions(1);
  const directory = new SeriesDirectory(regions);
  const key = { family: 127, a: 0xffffff, b: 0xffff, c: 0xffff };
  const slot = directory.slotOf(key, 1);
  const other = directory.slotOf({ family: 1, a: 0, b: 0, c: 0 }, 1);
  assert.deepEqual(
    [...directory.entries()].toSorted((x, y) => y.family - x.family),
    [
      { ...key, slot },
      { family: 1, a: 0, b: 0, c: 0, slot: other },
    ],
  );
});

test('threads that ask for the same series at the same moment agree on all slots, and no two series share one', async () => {
  const regions = createRegions(2);
  const order = [1, -1];
  const slots = await inThreads(
    MODULE,
    order.map((direction) => ({ regions, direction })),
    (module: typeof Tested, { regions: shared, direction }) => {
      const directory = new module.SeriesDirectory(shared);
      const seen: number[] = [];
      for (let i = 0; i < 4_000; i++) {
        const a = direction > 0 ? i : 3_999 - i;
        seen[a] = directory.slotOf({ family: 1, a, b: 0, c: 0 }, 2);
      }
      return { seen, overflows: directory.overflows };
    },
  );
  const [first, second] = slots;
  assert.deepEqual(first?.seen, second?.seen);
  assert.equal(new Set(first?.seen).size, 4_000);
  const sorted = (first?.seen ?? []).toSorted((x, y) => x - y);
  for (let i = 1; i < sorted.length; i++) assert.ok((sorted[i] ?? 0) - (sorted[i - 1] ?? 0) >= 2);
  assert.equal(first?.overflows, 0);
});

test('every thread counts in its own row and the reader sums them: not one count is lost', async () => {
  const regions = createRegions(3);
  const slot = new SeriesDirectory(regions).slotOf({ family: 1, a: 1, b: 0, c: 200 }, 1);
  await inThreads(
    MODULE,
    [0, 1, 2].map((row) => ({ regions, row, slot })),
    (module: typeof Tested, { regions: shared, row, slot: at }) => {
      const own = module.counterRow(shared, row);
      for (let i = 0; i < 200_000; i++) own[at] = (own[at] as number) + 1;
    },
  );
  assert.equal(new CounterReader(regions).sum(slot), 600_000);
});

test('series beyond the limit count together in the series named other, and that is told', () => {
  const regions = createRegions(2);
  const directory = new SeriesDirectory(regions);
  for (const [width, limit] of [
    [1, SERIES_LIMITS.single],
    [14, SERIES_LIMITS.wide],
    [100, SERIES_LIMITS.broad],
  ] as const) {
    const overflows = directory.overflows;
    const slots = Array.from({ length: limit }, (_, a) => directory.slotOf({ family: 1, a, b: 1, c: 2 }, width));
    assert.equal(new Set(slots).size, limit);
    assert.equal(directory.overflows, overflows);
    const beyond = directory.slotOf({ family: 1, a: limit, b: 1, c: 2 }, width);
    assert.equal(beyond, directory.slotOf({ family: 1, a: SERIES_OTHER, b: 1, c: 2 }, width));
    assert.equal(new SeriesDirectory(regions).slotOf({ family: 1, a: limit + 1, b: 1, c: 2 }, width), beyond);
    assert.ok(beyond > 0 && !slots.includes(beyond));
    assert.equal(directory.slotOf({ family: 1, a: 5, b: 1, c: 2 }, width), slots[5], 'a known series keeps its slots');
    assert.equal(directory.overflows, overflows + 2);
  }
  assert.equal(directory.size, SERIES_LIMITS.single + SERIES_LIMITS.wide + SERIES_LIMITS.broad + 3);
});

test('a dead worker keeps its counts: its row is not cleared when another thread takes it', () => {
  const regions: Regions = createRegions(2);
  const slot = new SeriesDirectory(regions).slotOf({ family: 1, a: 1, b: 0, c: 200 }, 1);
  counterRow(regions, 0)[slot] = 41;
  const successor = counterRow(regions, 0);
  successor[slot] = (successor[slot] as number) + 1;
  assert.equal(new CounterReader(regions).sum(slot), 42);
});
