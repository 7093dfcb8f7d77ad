import assert from 'node:assert/strict';
import test from 'node:test';

import { acceptRank } from './accept.ts';

const rank = (accept: string | null, type: string): readonly number[] => {
  const { quality, specificity } = acceptRank(accept, type);
  return [quality, specificity];
};

test('a request without Accept, or with one beyond all measure, accepts everything (RFC 9110 12.5.1)', () => {
  assert.deepEqual(rank(null, 'text/html'), [1, 1]);
  assert.deepEqual(rank(`application/json;q=0,${'a'.repeat(1_024)}`, 'application/json'), [1, 1]);
});

test('the most specific range decides, even when it is the least wanted', () => {
  const accept = 'text/*;q=0.9, */*;q=0.8, text/html;q=0.1';
  assert.deepEqual(rank(accept, 'text/html'), [0.1, 3]);
  assert.deepEqual(rank(accept, 'text/plain'), [0.9, 2]);
  assert.deepEqual(rank(accept, 'application/json'), [0.8, 1]);
});

test('what no range names is not acceptable, nor is what has q=0', () => {
  assert.deepEqual(rank('text/html', 'application/json'), [0, 0]);
  assert.deepEqual(rank('*/*, application/json;q=0', 'application/json'), [0, 3]);
  assert.deepEqual(rank('', 'application/json'), [0, 0]);
});

test('names and the letter q are compared without case, blanks and other parameters do not matter', () => {
  assert.deepEqual(rank(' Text/HTML ; charset=utf-8 ; Q=0.5 ', 'text/html'), [0.5, 3]);
});

test('a malformed quality counts as not acceptable', () => {
  for (const q of ['2', '-1', '0.1234', '1.5', 'x', ''])
    assert.deepEqual(rank(`text/html;q=${q}`, 'text/html'), [0, 3]);
});

test('of two ranges for one type the more wanted one counts', () => {
  assert.deepEqual(rank('text/html;q=0.2, text/html;q=0.7, text/html;q=0.3', 'text/html'), [0.7, 3]);
});
