import assert from 'node:assert/strict';
import test from 'node:test';

import { clientFromChain, forwardedNode, plainAddress } from './forwarded.ts';

const PEER = '10.0.0.1';
const isTrusted = (address: string): boolean => address.startsWith('10.') || address === '2001:db8::1';

test('the client is the first address from the right that is not trusted', () => {
  assert.equal(clientFromChain('192.0.2.1', PEER, isTrusted), '192.0.2.1');
  assert.equal(clientFromChain('203.0.113.9, 192.0.2.1', PEER, isTrusted), '192.0.2.1');
  assert.equal(clientFromChain('203.0.113.9, 192.0.2.1, 10.0.0.2', PEER, isTrusted), '192.0.2.1');
  assert.equal(clientFromChain('192.0.2.1,10.0.0.3 , 2001:db8::1', PEER, isTrusted), '192.0.2.1');
});

test('what a client wrote before its own address is not believed', () => {
  assert.equal(clientFromChain('127.0.0.1, 10.9.9.9, 192.0.2.1, 10.0.0.2', PEER, isTrusted), '192.0.2.1');
});

test('a chain of trusted addresses ends at the leftmost', () => {
  assert.equal(clientFromChain('10.0.0.9, 10.0.0.2', PEER, isTrusted), '10.0.0.9');
});

test('an entry that is no address ends the walk at the address before it', () => {
  assert.equal(clientFromChain('192.0.2.1, unknown, 10.0.0.2', PEER, isTrusted), '10.0.0.2');
  assert.equal(clientFromChain('192.0.2.1, ', PEER, isTrusted), PEER);
  assert.equal(clientFromChain('_hidden', PEER, isTrusted), PEER);
  assert.equal(clientFromChain('', PEER, isTrusted), PEER);
});

test('a chain beyond 4096 characters is treated as absent', () => {
  assert.equal(clientFromChain(`${'10.0.0.2, '.repeat(409)}10.0.0.2`, PEER, isTrusted), PEER);
  assert.equal(clientFromChain('192.0.2.1'.padStart(4096, ' '), PEER, isTrusted), '192.0.2.1');
});

test('an entry may have a port, brackets and the form of a mapped IPv4 address', () => {
  assert.equal(plainAddress('192.0.2.1'), '192.0.2.1');
  assert.equal(plainAddress('192.0.2.1:8080'), '192.0.2.1');
  assert.equal(plainAddress('2001:db8::1'), '2001:db8::1');
  assert.equal(plainAddress('[2001:db8::1]'), '2001:db8::1');
  assert.equal(plainAddress('[2001:db8::1]:443'), '2001:db8::1');
  assert.equal(plainAddress('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(plainAddress('[::ffff:192.0.2.1]:80'), '192.0.2.1');
});

test('what is no address is null, not a guess', () => {
  for (const entry of [
    '',
    'unknown',
    '_a',
    'a.example',
    '192.0.2',
    '192.0.2.1:',
    '192.0.2.1:x',
    '192.0.2.1:123456',
    '192.0.2.256',
    '0x7f.0.0.1',
    '010.0.0.1',
    '2001:db8::1%eth0',
    '[2001:db8::1',
    '[2001:db8::1]x',
    '[2001:db8::1]:',
    '"192.0.2.1"',
    '192.0.2.1 ',
  ]) {
    assert.equal(plainAddress(entry), null, JSON.stringify(entry));
  }
});

test('an entry has the one form that trusted networks are compared in', () => {
  assert.equal(plainAddress('::ffff:7f00:1'), '127.0.0.1');
  assert.equal(plainAddress('2001:DB8::1'), '2001:db8::1');
  for (const address of ['10.0.0.1', '::1', '2001:db8::1']) assert.equal(plainAddress(address), address);
});

test('a node of Forwarded is an IPv4 address or a quoted one in brackets (RFC 7239 6)', () => {
  assert.equal(forwardedNode('192.0.2.1'), '192.0.2.1');
  assert.equal(forwardedNode('2001:db8::1'), '"[2001:db8::1]"');
});
