import assert from 'node:assert/strict';
import test from 'node:test';

import { clientNetwork } from './client-network.ts';

test('an IPv4 address is one client', () => {
  assert.equal(clientNetwork('192.0.2.1'), '192.0.2.1');
  assert.notEqual(clientNetwork('192.0.2.1'), clientNetwork('192.0.2.2'));
});

test('all addresses of an IPv6 /64 are one client, however they are written', () => {
  for (const address of [
    '2001:db8:1:2::1',
    '2001:db8:1:2:ffff:ffff:ffff:ffff',
    '2001:0db8:0001:0002:0:0:0:1',
    '2001:DB8:1:2::',
    '2001:db8:1:2::192.0.2.1',
  ]) {
    assert.equal(clientNetwork(address), '2001:db8:1:2::/64', address);
  }
});

test('neighbouring /64 networks are different clients', () => {
  const networks = ['2001:db8:1:2::1', '2001:db8:1:3::1', '2001:db8:2:2::1', '2001:db9:1:2::1'].map(clientNetwork);
  assert.equal(new Set(networks).size, 4);
});

test('groups left out count as zero, wherever the gap is', () => {
  assert.equal(clientNetwork('::1'), '0:0:0:0::/64');
  assert.equal(clientNetwork('::'), '0:0:0:0::/64');
  assert.equal(clientNetwork('2001::'), '2001:0:0:0::/64');
  assert.equal(clientNetwork('2001::5:6:7:8:9'), '2001:0:0:5::/64');
  assert.equal(clientNetwork('1:2:3:4:5:6:7:8'), '1:2:3:4::/64');
  assert.equal(clientNetwork('::2:3:4:5:6:7:8'), '0:2:3:4::/64');
  assert.equal(clientNetwork('64:ff9b::192.0.2.1'), '64:ff9b:0:0::/64');
});

test('what is no address stays as it is', () => {
  for (const text of ['', 'unix', '2001:db8', '1.2.3']) assert.equal(clientNetwork(text), text);
});
