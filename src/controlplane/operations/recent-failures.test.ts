import assert from 'node:assert/strict';
import test from 'node:test';

import { RecentFailures } from './recent-failures.ts';

const SECOND_MS = 1_000;

test('counts since the start while the program is young', () => {
  const recent = new RecentFailures();
  assert.deepEqual(recent.since([3]), [3]);
  recent.keep(0, [0]);
  for (let second = 0; second < 299; second++) recent.keep(second * SECOND_MS, [second]);
  assert.deepEqual(recent.since([299]), [299]);
});

test('counts the last five minutes, and at most a quarter of a minute more', () => {
  const recent = new RecentFailures();
  for (let second = 0; second <= 3_600; second++) {
    recent.keep(second * SECOND_MS, [second]);
    const [count = 0] = recent.since([second]);
    if (second >= 300) assert.ok(count >= 300 && count < 315, `${count} at ${second} s`);
  }
});

test('with samples far apart the window reaches back to the one before', () => {
  const recent = new RecentFailures();
  recent.keep(0, [0]);
  recent.keep(600 * SECOND_MS, [5]);
  assert.deepEqual(recent.since([7]), [7]);
  recent.keep(900 * SECOND_MS, [8]);
  assert.deepEqual(recent.since([9]), [4]);
});
