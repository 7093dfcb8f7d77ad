import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BalancedBackend, balancedBackends, balancedRequest, shares } from '../../../../tests/support/balanced.ts';
import { RoundRobin } from './round-robin.ts';

const request = balancedRequest();
const requests = (count: number) => Array.from({ length: count }, () => request);

test('every backend has its turn, the first of a worker is the one of its index', () => {
  const backends = balancedBackends(3);
  const group = new RoundRobin(backends, [1, 1, 1], 4);
  const turns = requests(6).map(() => group.select(request, null));
  assert.deepEqual(
    turns,
    [1, 2, 0, 1, 2, 0].map((index) => backends[index]),
  );
});

test('a round has every backend as often as its weight says, and never in one bunch', () => {
  const backends = balancedBackends(3);
  const group = new RoundRobin(backends, [5, 1, 1], 0);
  const turns = requests(7).map(() => backends.indexOf(group.select(request, null) as (typeof backends)[0]));
  assert.deepEqual(turns, [0, 0, 1, 0, 2, 0, 0]);
});

test('the largest weights keep their shares in a round of bounded length', () => {
  const backends = balancedBackends(3);
  const group = new RoundRobin(backends, [65_535, 65_534, 1], 0);
  const [first = 0, second = 0, third = 0] = shares(group, backends, requests(4096));
  assert.ok(Math.abs(first - second) <= 1);
  assert.equal(third, 1);
});

test('a backend of weight 0 has no turn, and without any other there is none to select', () => {
  const backends = balancedBackends(2);
  assert.deepEqual(shares(new RoundRobin(backends, [0, 1], 0), backends, requests(10)), [0, 10]);
  assert.equal(new RoundRobin(backends, [0, 0], 1).select(request, null), null);
  assert.equal(new RoundRobin([], [], 1).select(request, null), null);
});

test('the turns of an unavailable backend go to all others alike', () => {
  const backends = balancedBackends(4);
  (backends[1] as BalancedBackend).isAvailable = false;
  const group = new RoundRobin(backends, [1, 1, 1, 1], 0);
  assert.deepEqual(shares(group, backends, requests(30)), [10, 0, 10, 10]);
});
