import assert from 'node:assert/strict';
import test from 'node:test';

import { formatTimestamp } from './timestamp.ts';

test('a timestamp is UTC with whole seconds, cut and not rounded', () => {
  assert.equal(formatTimestamp(0), '1970-01-01T00:00:00Z');
  assert.equal(formatTimestamp(Date.UTC(2026, 11, 1, 10, 0, 1, 999)), '2026-12-01T10:00:01Z');
});
