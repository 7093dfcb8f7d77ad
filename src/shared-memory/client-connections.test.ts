import assert from 'node:assert/strict';
import test from 'node:test';

import { inThreads } from '../../tests/support/in-threads.ts';
import { ClientConnections, NOT_COUNTED } from './client-connections.ts';
import type * as Tested from './client-connections.ts';
import { CLIENT_ENTRIES, createRegions } from './regions.ts';

const MODULE = new URL('./client-connections.ts', import.meta.url);
/** Entries that a key may use. */
const PROBES = 16;
/** Keys that begin at the same entry. */
const sameHome = (count: number): bigint[] =>
  Array.from({ length: count }, (_, i) => BigInt(i + 1) * BigInt(CLIENT_ENTRIES) + 5n);

test('connections of a client are counted over all workers', () => {
  const regions = createRegions(2);
  const [first, second] = [0, 1].map((row) => new ClientConnections(regions, row)) as [
    ClientConnections,
    ClientConnections,
  ];
  const entry = first.join(77n);
  assert.equal(second.join(77n), entry);
  first.join(77n);
  assert.equal(first.total(entry), 3);
  const other = second.join(78n);
  assert.notEqual(other, entry);
  first.leave(entry);
  second.leave(entry);
  assert.deepEqual([first.total(entry), first.total(other)], [1, 1]);
});

test('clients whose keys begin at the same entry do not share one', () => {
  const clients = new ClientConnections(createRegions(1), 0);
  const entries = sameHome(PROBES).map((key) => clients.join(key));
  assert.equal(new Set(entries).size, PROBES);
  for (const entry of entries) assert.equal(clients.total(entry), 1);
});

test('a client that finds no entry is served and not counted', () => {
  const clients = new ClientConnections(createRegions(1), 0);
  const keys = sameHome(PROBES + 1);
  for (const key of keys.slice(0, PROBES)) clients.join(key);
  assert.equal(clients.join(keys[PROBES] as bigint), NOT_COUNTED);
  clients.leave(NOT_COUNTED);
  assert.equal(clients.total(5), 1);
});

test('an entry whose client has no connection left is taken over, and its old client gets another', () => {
  const clients = new ClientConnections(createRegions(1), 0);
  const keys = sameHome(PROBES + 1);
  const entries = keys.slice(0, PROBES).map((key) => clients.join(key));
  clients.leave(entries[3] as number);
  const newcomer = clients.join(keys[PROBES] as bigint);
  assert.equal(newcomer, entries[3]);
  assert.equal(clients.total(newcomer), 1);
  assert.equal(clients.join(keys[3] as bigint), NOT_COUNTED);
  clients.leave(entries[9] as number);
  assert.equal(clients.join(keys[3] as bigint), entries[9]);
});

test('what a dead worker held is given back, in every entry', () => {
  const regions = createRegions(2);
  const [dead, alive] = [0, 1].map((row) => new ClientConnections(regions, row)) as [
    ClientConnections,
    ClientConnections,
  ];
  const shared = dead.join(1n);
  dead.join(1n);
  alive.join(1n);
  const own = dead.join(BigInt(CLIENT_ENTRIES - 1));
  new ClientConnections(regions, -1).reclaim(0);
  assert.deepEqual([alive.total(shared), alive.total(own)], [1, 0]);
});

test('threads that take the entries of each other`s clients over never count a connection for the wrong client', async () => {
  const regions = createRegions(4);
  const data = [0, 1, 2, 3].map((row) => ({ regions, row, home: BigInt(CLIENT_ENTRIES) }));
  const wrong = await inThreads(MODULE, data, (module: typeof Tested, { regions: shared, row, home }) => {
    const clients = new module.ClientConnections(shared, row);
    const keys = new BigInt64Array(shared.clientKeys);
    let misplaced = 0;
    for (let round = 0; round < 60_000; round++) {
      // More clients than entries, so that every entry changes hands all the time.
      const key = BigInt(((round * 7 + row * 13) % 40) + 1) * home + 5n;
      const entry = clients.join(key);
      if (entry < 0) continue;
      let owner = Atomics.load(keys, entry);
      // Marked for a moment by a thread that finds it in use.
      while (owner === -1n) owner = Atomics.load(keys, entry);
      if (owner !== key) misplaced++;
      clients.leave(entry);
    }
    return misplaced;
  });
  assert.deepEqual(wrong, [0, 0, 0, 0]);
  assert.deepEqual(new Set(new Int32Array(regions.clientCounts)), new Set([0]));
});
