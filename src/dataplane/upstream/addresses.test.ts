import assert from 'node:assert/strict';
import test from 'node:test';

import { Addresses } from './addresses.ts';

const A = { host: '10.0.0.1', port: 80 };
const B = { host: '10.0.0.2', port: 80 };
const C = { host: '10.0.0.3', port: 80 };

function hosts(addresses: Addresses, nowMs: number): string {
  return addresses
    .order(nowMs)
    .map(({ target }) => ('host' in target ? target.host.at(-1) : '?'))
    .join('');
}

test('new connections take turns', () => {
  const addresses = new Addresses([A, B, C], 1);
  assert.deepEqual(
    Array.from({ length: 4 }, () => hosts(addresses, 0)),
    ['231', '312', '123', '231'],
  );
});

test('an address that failed comes after all others until its time is over', () => {
  const addresses = new Addresses([A, B, C], 0);
  const [first] = addresses.order(0);
  assert.ok(first);
  addresses.failed(first, 1_000);
  assert.deepEqual([hosts(addresses, 1_000), hosts(addresses, 1_000), hosts(addresses, 10_999)], ['231', '321', '231']);
  assert.equal(hosts(addresses, 11_000), '231');
  assert.equal(hosts(addresses, 11_000), '312');
});

test('an address that works again is an address like all others', () => {
  const addresses = new Addresses([A, B], 0);
  const [first] = addresses.order(0);
  assert.ok(first);
  addresses.failed(first, 0);
  addresses.worked(first);
  assert.deepEqual([hosts(addresses, 0), hosts(addresses, 0)], ['21', '12']);
});

test('when all failed, all are tried', () => {
  const addresses = new Addresses([A, B], 0);
  for (const address of addresses.order(0)) addresses.failed(address, 0);
  assert.equal(hosts(addresses, 0), '21');
});

test('an address that stays keeps what is known of it, one that goes and comes back begins anew', () => {
  const addresses = new Addresses([A, B], 0);
  const [a, b] = addresses.order(0);
  assert.ok(a && b);
  addresses.failed(a, 0);
  assert.equal(addresses.replace([A, B]), false);
  assert.equal(addresses.replace([B, C, A, A]), true);
  assert.deepEqual([addresses.has(a), addresses.has(b)], [true, true]);
  assert.equal(addresses.order(0).at(-1), a);
  addresses.replace([B]);
  assert.equal(addresses.has(a), false);
  addresses.replace([A, B]);
  assert.equal(addresses.has(a), false);
  assert.equal(addresses.order(0).length, 2);
});

test('nothing to try without an address', () => {
  assert.deepEqual(new Addresses([], 0).order(0), []);
});
