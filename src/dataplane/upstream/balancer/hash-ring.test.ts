import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BalancedBackend, balancedBackends } from '../../../../tests/support/balanced.ts';
import { murmur3 } from '../../../base/hash/murmur3.ts';
import { HashRing } from './hash-ring.ts';
import { Members } from './members.ts';

const KEYS = Array.from({ length: 10_000 }, (_, index) => `203.0.${index >> 8}.${index & 255}`);

/** Name of the backend that owns each key. */
function ownersOf(members: Members): string[] {
  const ring = new HashRing(members);
  return KEYS.map((key) => members.at(ring.ownerAt(ring.placeOf(murmur3(key)))).name);
}

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

test('a place is the first point at or behind a hash; behind the last point the ring begins anew', () => {
  const members = new Members(balancedBackends(3), []);
  const ring = new HashRing(members);
  const points = members.backends
    .flatMap(({ name }, owner) => Array.from({ length: 512 }, (_, seed) => ({ point: murmur3(name, seed), owner })))
    .toSorted((a, b) => a.point - b.point);
  assert.equal(ring.size, points.length);
  const hashes = [
    0,
    1,
    0xffffffff,
    ...points.flatMap(({ point }) => [point - 1, point, point + 1]),
    ...KEYS.map((key) => murmur3(key)),
  ];
  for (const hash of hashes.filter((value) => value >= 0 && value <= 0xffffffff)) {
    const expected = points.find(({ point }) => point >= hash) ?? points[0];
    assert.equal(ring.ownerAt(ring.placeOf(hash)), expected?.owner, `hash ${hash}`);
  }
});

test('no backend has more than 1.25 times its fair share of 10,000 keys', () => {
  for (let count = 2; count <= 20; count++) {
    const counts = countBy(ownersOf(new Members(balancedBackends(count), [])));
    const most = Math.max(...counts.values());
    assert.ok(most <= (1.25 * KEYS.length) / count, `${most} at one of ${count}`);
    assert.equal(counts.size, count);
  }
});

test('keys are shared by weight', () => {
  const backends = balancedBackends(4);
  const weights = [10, 20, 30, 40];
  const counts = countBy(ownersOf(new Members(backends, weights)));
  backends.forEach(({ name }, index) => {
    const fair = (KEYS.length * (weights[index] as number)) / 100;
    const actual = counts.get(name) ?? 0;
    assert.ok(Math.abs(actual - fair) <= fair * 0.25, `${actual} instead of ${fair}`);
  });
});

test('when one backend leaves, its own keys move and no others: at most 1/n + 5 % of all', () => {
  for (let count = 2; count <= 20; count++) {
    const backends = balancedBackends(count);
    const before = ownersOf(new Members(backends, []));
    for (const leaving of backends) {
      const after = ownersOf(
        new Members(
          backends.filter((backend) => backend !== leaving),
          [],
        ),
      );
      const moved = before.filter((name, index) => name !== after[index]);
      assert.ok(
        moved.every((name) => name === leaving.name),
        `a key of another backend moved, ${count} backends`,
      );
      assert.ok(moved.length <= KEYS.length * (1 / count + 0.05), `${moved.length} moved of ${count} backends`);
    }
  }
});

test('the keys of a backend that leaves spread over all others', () => {
  const backends = balancedBackends(5);
  const before = ownersOf(new Members(backends, []));
  const after = ownersOf(new Members(backends.slice(1), []));
  const heirs = countBy(after.filter((_, index) => before[index] === backends[0]?.name));
  assert.equal(heirs.size, 4);
  for (const count of heirs.values()) assert.ok(count < 1_000, `${count} of about 2000 keys went to one`);
});

test('the order of targets changes nothing', () => {
  const backends = balancedBackends(7);
  assert.deepEqual(ownersOf(new Members(backends, [])), ownersOf(new Members(backends.toReversed(), [])));
  const weights = [1, 2, 3, 4, 5, 6, 7];
  const turned = new Members(backends.toReversed(), weights.toReversed());
  assert.deepEqual(ownersOf(new Members(backends, weights)), ownersOf(turned));
});

test('a point that two backends share has one owner, whatever the order of targets', () => {
  const { point, pair } = collidingPair();
  const ownerNames = [pair, pair.toReversed()].map((backends) => {
    const members = new Members(backends, []);
    const ring = new HashRing(members);
    return members.at(ring.ownerAt(ring.placeOf(point))).name;
  });
  assert.equal(ownerNames[0], ownerNames[1]);
});

/** Two backends that own the same point. */
function collidingPair(): { point: number; pair: BalancedBackend[] } {
  const owners = new Map<number, BalancedBackend>();
  for (const backend of balancedBackends(1_000)) {
    for (let seed = 0; seed < 512; seed++) {
      const point = murmur3(backend.name, seed);
      const other = owners.get(point);
      if (other !== undefined && other !== backend) return { point, pair: [other, backend] };
      owners.set(point, backend);
    }
  }
  throw new Error('no two of 1000 backends share a point');
}

test('the ring is the same in every process: known owners of known keys', () => {
  const members = new Members(balancedBackends(5), []);
  const ring = new HashRing(members);
  const owners = KEYS.slice(0, 16).map((key) => ring.ownerAt(ring.placeOf(murmur3(key))));
  assert.deepEqual(owners, [2, 0, 2, 2, 0, 2, 4, 2, 0, 3, 2, 4, 1, 2, 4, 2]);
});

test('odd weights do not make the ring grow without bound, and every backend keeps a point', () => {
  const ring = new HashRing(new Members(balancedBackends(3), [65_535, 65_534, 1]));
  assert.ok(ring.size <= 65_540, `${ring.size} points`);
  const owners = new Set(Array.from({ length: ring.size }, (_, place) => ring.ownerAt(place)));
  assert.equal(owners.size, 3);
});
