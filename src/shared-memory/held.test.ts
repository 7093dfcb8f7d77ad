import assert from 'node:assert/strict';
import test from 'node:test';

import { HELD, HeldValues } from './held.ts';
import { createRegions } from './regions.ts';

test('a held value is the sum over all workers', () => {
  const regions = createRegions(3);
  const [first, second] = [0, 2].map((row) => new HeldValues(regions, row));
  assert.equal(first?.add(HELD.connections, 3), 3);
  assert.equal(second?.add(HELD.connections, 2), 2);
  assert.equal(first?.add(HELD.connections, -1), 2);
  second?.set(HELD.bufferKib, 64);
  const reader = new HeldValues(regions, -1);
  assert.equal(reader.total(HELD.connections), 4);
  assert.equal(reader.of(2, HELD.connections), 2);
  assert.equal(reader.total(HELD.bufferKib), 64);
  assert.equal(reader.total(HELD.requests), 0);
});

test('what a dead worker held is given back, and only that', () => {
  const regions = createRegions(2);
  for (const row of [0, 1]) for (const cell of Object.values(HELD)) new HeldValues(regions, row).set(cell, 7);
  const reader = new HeldValues(regions, -1);
  reader.reclaim(0);
  for (const cell of Object.values(HELD)) assert.equal(reader.total(cell), 7);
  assert.equal(reader.of(0, HELD.requests), 0);
});

test('every held value has a cell of its own', () => {
  const cells = Object.values(HELD);
  assert.equal(new Set(cells).size, cells.length);
  const regions = createRegions(1);
  const held = new HeldValues(regions, 0);
  for (const cell of cells) held.add(cell, 1);
  for (const cell of cells) assert.equal(held.total(cell), 1);
});
