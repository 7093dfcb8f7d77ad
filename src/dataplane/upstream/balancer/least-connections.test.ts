import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BalancedBackend, balancedBackends, balancedRequest, shares } from '../../../../tests/support/balanced.ts';
import { LeastConnections } from './least-connections.ts';
import { Members } from './members.ts';

const request = balancedRequest();
const requests = (count: number) => Array.from({ length: count }, () => request);

/** Sends requests, each of which stays until its backend's delay in requests is over. */
function load(group: LeastConnections, backends: readonly BalancedBackend[], delays: readonly number[]): number[] {
  const counts = backends.map(() => 0);
  const running: { index: number; end: number }[] = [];
  for (let now = 0; now < 1_000; now++) {
    for (const { index } of running.filter(({ end }) => end === now)) (backends[index] as BalancedBackend).inFlight--;
    const chosen = group.select(request, null) as BalancedBackend;
    const index = backends.indexOf(chosen);
    chosen.inFlight++;
    counts[index] = (counts[index] ?? 0) + 1;
    running.push({ index, end: now + (delays[index] as number) });
  }
  return counts;
}

test('takes the backend with the fewest requests in flight', () => {
  const backends = balancedBackends(3);
  backends.forEach((backend, index) => (backend.inFlight = [4, 2, 3][index] as number));
  const group = new LeastConnections(new Members(backends, [1, 1, 1]), 0);
  assert.equal(group.select(request, null), backends[1]);
});

test('counts requests for each unit of weight', () => {
  const backends = balancedBackends(2);
  backends.forEach((backend, index) => (backend.inFlight = [5, 2][index] as number));
  const group = new LeastConnections(new Members(backends, [3, 1]), 0);
  assert.equal(group.select(request, null), backends[0]);
});

test('idle backends share evenly, and by weight where they have one', () => {
  const backends = balancedBackends(3);
  assert.deepEqual(shares(new LeastConnections(new Members(backends, []), 0), backends, requests(30)), [10, 10, 10]);
  const weighted = new LeastConnections(new Members(backends, [3, 2, 1]), 0);
  assert.deepEqual(shares(weighted, backends, requests(60)), [30, 20, 10]);
});

test('the idle ones beside a busy backend share evenly too', () => {
  const backends = balancedBackends(3);
  (backends[0] as BalancedBackend).inFlight = 1;
  assert.deepEqual(shares(new LeastConnections(new Members(backends, []), 0), backends, requests(20)), [0, 10, 10]);
});

test('workers begin their turns at different backends', () => {
  const backends = balancedBackends(3);
  const first = [0, 1, 2].map((start) => new LeastConnections(new Members(backends, []), start).select(request, null));
  assert.deepEqual(first, backends);
});

test('a backend that takes ten times as long gets about a tenth', () => {
  const backends = balancedBackends(3);
  const [slow = 0, fast = 0, other = 0] = load(
    new LeastConnections(new Members(backends, []), 0),
    backends,
    [100, 10, 10],
  );
  assert.ok(slow > 30 && slow < 90, `${slow} of 1000`);
  assert.ok(Math.abs(fast - other) < 50, `${fast} and ${other}`);
});
