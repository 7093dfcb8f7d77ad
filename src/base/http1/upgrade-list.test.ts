import assert from 'node:assert/strict';
import test from 'node:test';
import { asksForTunnel, isOffered, isProtocolList } from './upgrade-list.ts';

test('a protocol is a name, or a name and a version, both tokens (RFC 9110 7.8)', () => {
  for (const list of ['websocket', 'tls/1.2', 'a, b/2 ,\tc']) assert.ok(isProtocolList(list), list);
  for (const list of ['', 'a,', 'a b', 'a/', '/1', 'a/1/2', 'a;b']) assert.ok(!isProtocolList(list), list);
});

test('an upgrade to h2c never asks for a tunnel, in any place of the list and any case', () => {
  assert.ok(asksForTunnel('websocket'));
  for (const list of [null, '', 'h2c', 'websocket, H2C', 'h2c,x']) assert.ok(!asksForTunnel(list), String(list));
});

test('a switch is an answer only to protocols that were offered, whatever their case', () => {
  assert.ok(isOffered('WebSocket', 'websocket'));
  assert.ok(isOffered('b', 'a, b'));
  assert.ok(!isOffered('c', 'a, b'));
  assert.ok(!isOffered('a, c', 'a, b'));
});
