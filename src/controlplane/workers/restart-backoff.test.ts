import assert from 'node:assert/strict';
import test from 'node:test';

import { RestartBackoff } from './restart-backoff.ts';

test('replaces the first three dead workers at once', () => {
  const backoff = new RestartBackoff();
  assert.deepEqual(
    [0, 10, 20].map((nowMs) => backoff.next(nowMs)),
    [0, 0, 0],
  );
});

test('doubles the wait with every further death within a minute, up to 15 s', () => {
  const backoff = new RestartBackoff();
  const waits = Array.from({ length: 10 }, (_, death) => backoff.next(death * 1_000));
  assert.deepEqual(waits, [0, 0, 0, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
});

test('forgets deaths after a minute', () => {
  const backoff = new RestartBackoff();
  for (let death = 0; death < 5; death++) backoff.next(death);
  assert.equal(backoff.next(60_003), 0, 'two of the last minute and this one');
  assert.equal(backoff.next(200_000), 0);
});
