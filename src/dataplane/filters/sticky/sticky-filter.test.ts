import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balancedBackends } from '../../../../tests/support/balanced.ts';
import { parsedHead } from '../../../../tests/support/parsed-head.ts';
import { ResponseHead } from '../../../base/http1/response-head.ts';
import type { Downstream } from '../../exchange/downstream.ts';
import { Exchange } from '../../exchange/exchange.ts';
import type { ListenerTraits } from '../../exchange/listener-traits.ts';
import type { UpstreamBackend } from '../../exchange/upstream.ts';
import { Members } from '../../upstream/balancer/members.ts';
import { StickySessions, stickyValue } from '../../upstream/balancer/sticky-sessions.ts';
import { createStickyFilter } from './sticky-filter.ts';

const COOKIE = { name: 'route', maxAgeSeconds: 0, secret: 'a secret' };
const backends = balancedBackends(2);
const [first, second] = backends as [UpstreamBackend, UpstreamBackend];
const filter = createStickyFilter(new StickySessions(new Members(backends, []), COOKIE));

/** One exchange with these field lines that `backend` answered; gives it and the lines added to the answer. */
function exchanged(
  lines: readonly string[],
  backend: UpstreamBackend | null,
  scheme: 'http' | 'https' = 'http',
): { exchange: Exchange; added: string } {
  const origin = {
    traits: {} as ListenerTraits,
    peerAddress: '192.0.2.1',
    ends: {},
    peerTrusted: false,
    scheme: 'http',
    forwardedFields: '',
  } as const;
  const exchange = new Exchange({} as Downstream, parsedHead('GET /', 'a.test', lines), origin, 0);
  exchange.clientScheme = scheme;
  assert.equal(filter.request?.(exchange), null);
  exchange.backend = backend;
  const answer = new ResponseHead();
  filter.response?.(exchange, answer);
  return { exchange, added: answer.fields.added };
}

test('sets the cookie of the backend that answered a client without a session', () => {
  assert.equal(
    exchanged([], second).added,
    `Set-Cookie: route=${stickyValue(COOKIE, second.name)}; Path=/; HttpOnly; SameSite=Lax\r\n`,
  );
});

test('sets nothing when the request named the backend that answered', () => {
  assert.equal(exchanged([`Cookie: route=${stickyValue(COOKIE, second.name)}`], second).added, '');
});

test('sets the cookie anew when another backend answered, or the value was forged', () => {
  const value = stickyValue(COOKIE, first.name);
  assert.match(exchanged([`Cookie: route=${stickyValue(COOKIE, second.name)}`], first).added, new RegExp(`=${value};`));
  assert.match(exchanged([`Cookie: route=${value}x`], first).added, new RegExp(`=${value};`));
});

test('the cookie is for https alone when the client came by https', () => {
  assert.match(exchanged([], first, 'https').added, /; Secure\r\n$/);
  assert.doesNotMatch(exchanged([], first, 'http').added, /Secure/);
});

test('the backend does not see the cookie, but all others', () => {
  const { exchange } = exchanged([`Cookie: a=1; route=${stickyValue(COOKIE, first.name)}; b=2`], first);
  assert.equal(exchange.head.fields.get('cookie'), 'a=1; b=2');
});

test('an answer that no backend gave gets no cookie', () => {
  assert.equal(exchanged([], null).added, '');
});
