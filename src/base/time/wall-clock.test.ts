import assert from 'node:assert/strict';
import test from 'node:test';

import { adjustWallClock, wallAt } from './wall-clock.ts';

test('before it is adjusted it is the clock of the machine', () => {
  assert.ok(Math.abs(wallAt(performance.now()) - Date.now()) < 1_000);
});

test('follows a clock that was set, and runs on from there', () => {
  adjustWallClock(1_700_000_000_000, 500);
  assert.equal(wallAt(500), 1_700_000_000_000);
  assert.equal(wallAt(750), 1_700_000_000_250);
  adjustWallClock(1_600_000_000_000, 1_000);
  assert.equal(wallAt(1_100), 1_600_000_000_100);
});
