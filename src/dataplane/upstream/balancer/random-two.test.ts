import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BalancedBackend, balancedBackends, balancedRequest, shares } from '../../../../tests/support/balanced.ts';
import { seededRandom } from '../../../../tests/support/seeded-random.ts';
import { Members } from './members.ts';
import { RandomTwo } from './random-two.ts';

const request = balancedRequest();
const requests = (count: number) => Array.from({ length: count }, () => request);

function within(actual: number, expected: number, part: number): void {
  assert.ok(Math.abs(actual - expected) <= expected * part, `${actual} instead of ${expected}`);
}

test('idle backends get their shares by weight', () => {
  const backends = balancedBackends(4);
  const weights = [1, 2, 3, 4];
  const counts = shares(new RandomTwo(new Members(backends, weights), seededRandom(1)), backends, requests(10_000));
  counts.forEach((count, index) => within(count, (weights[index] as number) * 1_000, 0.1));
});

test('two different backends are drawn: of two, the less loaded one is always taken', () => {
  const backends = balancedBackends(2);
  (backends[0] as BalancedBackend).inFlight = 1;
  const group = new RandomTwo(new Members(backends, [1, 1]), seededRandom(2));
  assert.deepEqual(shares(group, backends, requests(1_000)), [0, 1_000]);
});

test('the second is drawn by weight among the others', () => {
  const backends = balancedBackends(4);
  (backends[0] as BalancedBackend).inFlight = 100;
  const group = new RandomTwo(new Members(backends, [97, 1, 1, 1]), seededRandom(3));
  const [first = 0, ...others] = shares(group, backends, requests(3_000));
  assert.equal(first, 0);
  for (const count of others) within(count, 1_000, 0.1);
});

test('requests for each unit of weight are compared', () => {
  const backends = balancedBackends(2);
  backends.forEach((backend, index) => (backend.inFlight = [5, 2][index] as number));
  const group = new RandomTwo(new Members(backends, [3, 1]), seededRandom(4));
  assert.deepEqual(shares(group, backends, requests(100)), [100, 0]);
});

test('those who all see one backend idle do not all run to it', () => {
  const backends = balancedBackends(10);
  for (const backend of backends.slice(1)) backend.inFlight = 1;
  const group = new RandomTwo(new Members(backends, []), seededRandom(5));
  const [idle = 0] = shares(group, backends, requests(10_000));
  within(idle, 2_000, 0.1);
});

test('the fullest backend stays close to the mean, as with one random choice it would not', () => {
  const backends = balancedBackends(20);
  const group = new RandomTwo(new Members(backends, []), seededRandom(6));
  for (let i = 0; i < 2_000; i++) (group.select(request, null) as BalancedBackend).inFlight++;
  const fullest = Math.max(...backends.map(({ inFlight }) => inFlight));
  assert.ok(fullest <= 103, `${fullest} beside a mean of 100`);
});

test('finds the one available backend among many', () => {
  const backends = balancedBackends(50);
  for (const backend of backends) backend.isAvailable = backend === backends[33];
  const members = new Members(backends, []);
  const group = new RandomTwo(members, seededRandom(7));
  assert.equal(shares(group, backends, requests(200))[33], 200);
});
