import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balancedRequest } from '../../../../tests/support/balanced.ts';
import { addressKey, createHashKey } from './hash-key.ts';

test('an IPv4 address is its own key, on a dual-stack socket as well', () => {
  assert.equal(addressKey('192.0.2.1'), '192.0.2.1');
  assert.equal(addressKey('::ffff:192.0.2.1'), '192.0.2.1');
  assert.notEqual(addressKey('::ffff:192.0.2.1'), addressKey('::ffff:192.0.2.2'));
});

test('the addresses of one IPv6 /64 have one key, however they are written', () => {
  const key = addressKey('2001:db8:0:1::1');
  assert.equal(addressKey('2001:DB8::1:abcd:0:0:7'), key);
  assert.notEqual(addressKey('2001:db8:0:2::1'), key);
});

test('the address is the one by the trusted-proxy rule; a client on a unix socket has none', () => {
  const keyOf = createHashKey({ kind: 'address' });
  assert.equal(keyOf(balancedRequest({ address: '198.51.100.7' })), '198.51.100.7');
  assert.equal(keyOf(balancedRequest({ address: '' })), '');
});

test('the path is taken in normal form, without query', () => {
  assert.equal(createHashKey({ kind: 'path' })(balancedRequest({ path: '/a/b' })), '/a/b');
});

test('a header is found in any case, known or not; several lines are one value', () => {
  for (const name of ['X-Tenant', 'Accept']) {
    const keyOf = createHashKey({ kind: 'header', name });
    assert.equal(keyOf(balancedRequest({ lines: [`${name.toUpperCase()}: a`] })), 'a');
    assert.equal(keyOf(balancedRequest({ lines: [`${name}: a`, `${name}: b`] })), 'a, b');
    assert.equal(keyOf(balancedRequest()), '');
  }
});

test('a cookie is found by its exact name', () => {
  const keyOf = createHashKey({ kind: 'cookie', name: 'session' });
  assert.equal(keyOf(balancedRequest({ lines: ['Cookie: a=1; session=x; b=2'] })), 'x');
  assert.equal(keyOf(balancedRequest({ lines: ['Cookie: Session=x'] })), '');
  assert.equal(keyOf(balancedRequest()), '');
});

test('the keys of IPv6 clients stay right when there are more of them than are kept', () => {
  const keyOf = createHashKey({ kind: 'address' });
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 1_500; i++) {
      const request = { ...balancedRequest(), clientAddress: `2001:db8:0:${i.toString(16)}::1` };
      assert.equal(keyOf(request), `2001:db8:0:${i.toString(16)}::/64`);
    }
  }
});
