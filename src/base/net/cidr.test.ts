import assert from 'node:assert/strict';
import test from 'node:test';

import { CidrSet, normalizeAddress, parseCidr } from './cidr.ts';

test('brings IPv4-mapped addresses in every spelling to IPv4', () => {
  for (const text of [
    '::ffff:10.0.0.1',
    '::FFFF:10.0.0.1',
    '::ffff:a00:1',
    '::ffff:0a00:0001',
    '0:0:0:0:0:ffff:10.0.0.1',
  ]) {
    assert.equal(normalizeAddress(text), '10.0.0.1', text);
  }
  assert.equal(normalizeAddress('0000:0000:0000:0000:0000:ffff:0a00:0001'), '10.0.0.1');
});

test('leaves addresses alone that only look mapped', () => {
  for (const text of [
    '::1',
    '::10.0.0.1',
    '1::ffff:a00:1',
    '::ffff:0:a00:1',
    '2001:db8::ffff:a00:1',
    '::ffff:a00:1:1',
  ]) {
    assert.equal(normalizeAddress(text), text);
  }
});

test('refuses zone ids and what is no address', () => {
  for (const text of [
    'fe80::1%eth0',
    '',
    'localhost',
    '10.0.0',
    '010.0.0.1',
    '10.0.0.1:80',
    '[::1]',
    ' ::1',
    '::ffff:1.2.3.4%1',
  ]) {
    assert.equal(normalizeAddress(text), null, JSON.stringify(text));
  }
});

test('reads networks and single addresses', () => {
  assert.deepEqual(parseCidr('10.0.0.0/8'), { address: '10.0.0.0', prefix: 8, family: 'ipv4' });
  assert.deepEqual(parseCidr('192.0.2.7'), { address: '192.0.2.7', prefix: 32, family: 'ipv4' });
  assert.deepEqual(parseCidr('FD00::/8'), { address: 'fd00::', prefix: 8, family: 'ipv6' });
  assert.deepEqual(parseCidr('::1'), { address: '::1', prefix: 128, family: 'ipv6' });
  assert.deepEqual(parseCidr('::ffff:10.0.0.0/104'), { address: '10.0.0.0', prefix: 8, family: 'ipv4' });
});

test('refuses prefixes that are out of range or no plain number', () => {
  for (const text of [
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/ 8',
    '::ffff:10.0.0.0/95',
  ]) {
    assert.equal(parseCidr(text), null, text);
  }
});

test('a set finds addresses in their networks and no others', () => {
  const set = new CidrSet(['10.0.0.5/8', '192.0.2.7', 'fd00::/8', '::1']);
  for (const address of ['10.255.255.255', '192.0.2.7', 'fd12::1', '::1', '::ffff:10.1.2.3', '::ffff:c000:207']) {
    assert.equal(set.has(address), true, address);
  }
  for (const address of [
    '11.0.0.1',
    '192.0.2.8',
    'fe80::1',
    '::2',
    'fd00::1%eth0',
    'x',
    '',
    '::ffff:11.0.0.1',
    '::a00:1',
  ]) {
    assert.equal(set.has(address), false, address);
  }
});

test('a network of all IPv6 addresses has no IPv4 address, and an empty set has none at all', () => {
  assert.equal(new CidrSet(['::/0']).has('::ffff:10.0.0.1'), false);
  assert.equal(new CidrSet(['::/0']).has('2001:db8::1'), true);
  assert.equal(new CidrSet([]).has('10.0.0.1'), false);
});

test('a set of something else than networks is a defect', () => {
  assert.throws(() => new CidrSet(['10.0.0.0/8', 'private']), RangeError);
});
