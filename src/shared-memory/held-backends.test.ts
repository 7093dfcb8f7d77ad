import assert from 'node:assert/strict';
import test from 'node:test';

import { BACKEND_HELD, heldPlaceOf, HeldBackends, SHARED_PLACE } from './held-backends.ts';
import { createRegions } from './regions.ts';

const CELLS = Object.values(BACKEND_HELD);

test('what is held of a backend is the sum over all workers, and no other backend has any of it', () => {
  const regions = createRegions(2);
  const [first, second] = [0, 1].map((row) => new HeldBackends(regions, row)) as [HeldBackends, HeldBackends];
  first.add(7, BACKEND_HELD.active, 3);
  second.add(7, BACKEND_HELD.active, 2);
  second.add(7, BACKEND_HELD.active, -1);
  second.add(8, BACKEND_HELD.pending, 5);
  const reader = new HeldBackends(regions, -1);
  assert.equal(reader.total(7, BACKEND_HELD.active), 4);
  assert.equal(reader.total(8, BACKEND_HELD.pending), 5);
  assert.equal(reader.total(7, BACKEND_HELD.pending) + reader.total(6, BACKEND_HELD.active), 0);
  assert.equal(reader.totalOfAll(BACKEND_HELD.active), 4);
  assert.deepEqual(new Set(reader.placesInUse()), new Set([7, 8]));
});

test('what a dead worker held of any backend is given back, and only that', () => {
  const regions = createRegions(2);
  const places = [0, 1, SHARED_PLACE];
  for (const row of [0, 1])
    for (const place of places) for (const cell of CELLS) new HeldBackends(regions, row).add(place, cell, 7);
  const reader = new HeldBackends(regions, -1);
  reader.reclaim(0);
  for (const place of places) for (const cell of CELLS) assert.equal(reader.total(place, cell), 7);
});

test('backends beyond the last place share it', () => {
  assert.deepEqual([0, SHARED_PLACE - 1, SHARED_PLACE, 5_000].map(heldPlaceOf), [
    0,
    SHARED_PLACE - 1,
    SHARED_PLACE,
    SHARED_PLACE,
  ]);
});
