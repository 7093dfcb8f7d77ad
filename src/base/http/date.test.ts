import assert from 'node:assert/strict';
import test from 'node:test';

import { httpDate } from './date.ts';

test('a date is an IMF-fixdate (RFC 9110 5.6.7)', () => {
  assert.equal(httpDate(Date.UTC(1994, 10, 6, 8, 49, 37)), 'Sun, 06 Nov 1994 08:49:37 GMT');
  assert.equal(httpDate(0), 'Thu, 01 Jan 1970 00:00:00 GMT');
});

test('a date changes with the second, in both directions, and not within it', () => {
  const first = httpDate(1_000_000_000);
  assert.equal(httpDate(1_000_000_999), first);
  assert.notEqual(httpDate(1_000_001_000), first);
  assert.equal(httpDate(1_000_000_500), first);
});
