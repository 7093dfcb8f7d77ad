import assert from 'node:assert/strict';
import test from 'node:test';

import { parsedHead } from '../../../../tests/support/parsed-head.ts';
import { CidrSet } from '../../../base/net/cidr.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import { isInsider } from './insiders.ts';

interface Asking {
  readonly peer: string;
  readonly client?: string;
  readonly role?: 'traffic' | 'operations';
  readonly lines?: readonly string[];
  readonly allow?: readonly string[];
}

function insider({ peer, client, role, lines, allow }: Asking): boolean {
  const listed = new CidrSet(allow ?? []);
  const exchange = {
    traits: { settings: { role: role ?? 'traffic' } },
    peerAddress: peer,
    clientAddress: client ?? peer,
    head: parsedHead('GET /metrics', 'localhost', lines ?? []),
  };
  return isInsider(exchange as unknown as Exchange, (address) => listed.has(address));
}

test('whoever reaches a listener for operations may see everything', () => {
  assert.equal(insider({ peer: '203.0.113.9', role: 'operations' }), true);
});

test('on a listener for traffic this machine may, and nobody else', () => {
  for (const peer of ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', ''])
    assert.equal(insider({ peer }), true, peer);
  for (const peer of ['10.0.0.1', '192.168.1.1', '::2', 'fe80::1', '128.0.0.1'])
    assert.equal(insider({ peer }), false, peer);
});

test('a request that came through another proxy on this machine has anybody behind it', () => {
  for (const line of [
    'X-Forwarded-For: 203.0.113.9',
    'x-forwarded-for:',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: example.com',
    'X-Real-IP: 203.0.113.9',
    'Forwarded: for=203.0.113.9',
    'Via: 1.1 edge',
  ]) {
    for (const peer of ['127.0.0.1', '::1', ''])
      assert.equal(insider({ peer, lines: [line] }), false, `${peer} ${line}`);
  }
  assert.equal(insider({ peer: '127.0.0.1', lines: ['User-Agent: curl', 'X-Forward: x'] }), true);
});

test('metrics.allow is compared with the client by the trusted-proxy rule, not with the proxy in between', () => {
  const allow = ['10.1.0.0/16'];
  assert.equal(insider({ peer: '10.1.2.3', allow }), true);
  const through = { peer: '127.0.0.1', lines: ['X-Forwarded-For: 10.1.2.3'], allow };
  assert.equal(insider({ ...through, client: '10.1.2.3' }), true);
  assert.equal(insider({ ...through, client: '10.2.2.3' }), false);
  assert.equal(insider({ peer: '10.1.2.3', client: '203.0.113.9', allow }), false);
});
