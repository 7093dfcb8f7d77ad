import assert from 'node:assert/strict';
import test from 'node:test';

import { elapsedMs, timeCell } from './gate-cells.ts';

test('time passes rightly over the ends of 32 bits, to two milliseconds', () => {
  for (const startMs of [0, 2 ** 31 - 100, 2 ** 32 - 100, 2 ** 40 + 7]) {
    const cell = timeCell(startMs);
    assert.notEqual(cell, 0, 'which is no time');
    assert.equal(cell & 1, 0);
    for (const passedMs of [0, 150, 86_400_000, -1_000]) {
      const told = elapsedMs(startMs + passedMs, cell);
      assert.ok(Math.abs(told - passedMs) <= 2, `${told} for ${passedMs} from ${startMs}`);
    }
  }
});
