import assert from 'node:assert/strict';
import test from 'node:test';

import { BackendGates } from './backend-gates.ts';
import { GATE_ENTRIES } from './gate-cells.ts';
import { createRegions } from './regions.ts';

test('what active checks and operators say about a backend is seen by all, apart from each other', () => {
  const regions = createRegions(2);
  const [main, other] = [new BackendGates(regions), new BackendGates(regions)];
  main.setUnhealthy(3, true);
  main.setOut(3, true);
  assert.deepEqual([other.isUnhealthy(3), other.isOut(3)], [true, true]);
  assert.deepEqual([other.isUnhealthy(2), other.isOut(4)], [false, false]);
  main.setUnhealthy(3, false);
  assert.deepEqual([other.isUnhealthy(3), other.isOut(3)], [false, true]);
});

test('backends beyond the gates are never kept from requests', () => {
  const gates = new BackendGates(createRegions(1));
  gates.setUnhealthy(GATE_ENTRIES, true);
  gates.setOut(GATE_ENTRIES, true);
  assert.deepEqual([gates.isUnhealthy(GATE_ENTRIES), gates.isOut(GATE_ENTRIES)], [false, false]);
});
