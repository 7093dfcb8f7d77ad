import assert from 'node:assert/strict';
import test from 'node:test';

import { GATE_ENTRIES } from './gate-cells.ts';
import { CheckFactsTable, createCheckFactsRegion } from './check-facts.ts';

const PASSED = {
  isHealthy: true,
  atMs: 1_000,
  durationMs: 2.5,
  status: 200,
  reason: -1,
  consecutiveSuccesses: 3,
  consecutiveFailures: 0,
};

function tables(): [writer: CheckFactsTable, reader: CheckFactsTable] {
  const regions = { checkFacts: createCheckFactsRegion() };
  return [new CheckFactsTable(regions), new CheckFactsTable(regions)];
}

test('every reader sees what main wrote last', () => {
  const [writer, reader] = tables();
  writer.write(7, PASSED);
  assert.deepEqual(reader.read(7), PASSED);
  const failed = { ...PASSED, isHealthy: false, reason: 4, consecutiveSuccesses: 0, consecutiveFailures: 3 };
  writer.write(7, failed);
  assert.deepEqual(reader.read(7), failed);
});

test('nothing is known of a backend that is not checked, nor of one that is checked no longer', () => {
  const [writer, reader] = tables();
  assert.equal(reader.read(7), null);
  writer.write(7, PASSED);
  writer.clear(7);
  assert.equal(reader.read(7), null);
});

test('a backend beyond the room is not recorded', () => {
  const [writer, reader] = tables();
  writer.write(GATE_ENTRIES, PASSED);
  writer.clear(GATE_ENTRIES);
  assert.equal(reader.read(GATE_ENTRIES), null);
  assert.equal(reader.read(0), null);
});
