import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BalancedBackend, balancedBackends, balancedRequest } from '../../../../tests/support/balanced.ts';
import type { BalancedRequest, UpstreamBackend } from '../../exchange/upstream.ts';
import { createBalancer, createStickySessions } from './create.ts';
import { Members } from './members.ts';
import { StickySessions, stickyValue } from './sticky-sessions.ts';

const COOKIE = { name: 'route', maxAgeSeconds: 0, secret: 'a secret' };
const SETTINGS = {
  strategy: 'round_robin',
  hashOn: { kind: 'address' },
  stickyCookie: COOKIE.name,
  stickyMaxAgeSeconds: 0,
} as const;

/** Group and sessions of one route, with the step that its filter takes before a backend is selected. */
function stickyRoute(backends: readonly UpstreamBackend[]) {
  const members = new Members(backends, []);
  const sessions = createStickySessions(SETTINGS, members, COOKIE.secret) as StickySessions;
  const group = createBalancer(SETTINGS, members, 0, sessions);
  return (request: BalancedRequest, tried: UpstreamBackend | null | undefined = null) => {
    sessions.take(request.head);
    return group.select(request, tried ?? null);
  };
}

function withCookie(...values: readonly string[]): BalancedRequest {
  return balancedRequest({ lines: [`Cookie: ${values.map((value) => `route=${value}`).join('; ')}`] });
}

const valueOf = (backend: UpstreamBackend | undefined) => stickyValue(COOKIE, backend?.name ?? '');

test('a client stays at the backend that its cookie names', () => {
  const backends = balancedBackends(3);
  const select = stickyRoute(backends);
  for (const backend of backends) {
    for (let i = 0; i < 5; i++) assert.equal(select(withCookie(valueOf(backend))), backend);
  }
});

test('a forged, cut or foreign value is no session', () => {
  const backends = balancedBackends(3);
  const good = valueOf(backends[2]);
  const [id = '', signature = ''] = good.split('.');
  const otherKey = stickyValue({ ...COOKIE, secret: 'another' }, backends[2]?.name ?? '');
  const otherCookie = stickyValue({ ...COOKIE, name: 'other' }, backends[2]?.name ?? '');
  const forged = [
    id,
    `${id}.`,
    `${id}.${signature.slice(1)}`,
    `${good}A`,
    `"${good}"`,
    otherKey,
    otherCookie,
    '',
    '__proto__',
  ];
  for (const value of forged) {
    const request = withCookie(value);
    const select = stickyRoute(backends);
    assert.equal(select(request), backends[0], value);
    assert.equal(request.head.fields.get('cookie'), null, 'it is taken out all the same');
  }
});

test('a session whose backend has left the route, or has weight 0, begins anew', () => {
  const backends = balancedBackends(3);
  const select = stickyRoute(backends.slice(0, 2));
  assert.equal(select(withCookie(valueOf(backends[2]))), backends[0]);
  const sessions = new StickySessions(new Members(backends, [1, 1, 0]), COOKIE);
  const { head } = withCookie(valueOf(backends[2]));
  sessions.take(head);
  assert.equal(sessions.namedBy(head), null);
});

test('a session whose backend is unavailable is moved, and only for as long', () => {
  const backends = balancedBackends(3);
  const down = backends[2] as BalancedBackend;
  const select = stickyRoute(backends);
  down.isAvailable = false;
  assert.notEqual(select(withCookie(valueOf(backends[2]))), backends[2]);
  down.isAvailable = true;
  assert.equal(select(withCookie(valueOf(backends[2]))), backends[2]);
});

test('a session stays at a backend that starts slowly', () => {
  const backends = balancedBackends(3);
  const slow = backends[1] as BalancedBackend;
  slow.share = 0.1;
  const select = stickyRoute(backends);
  for (let i = 0; i < 50; i++) assert.equal(select(withCookie(valueOf(slow))), slow);
});

test('the next attempt goes to another backend', () => {
  const backends = balancedBackends(3);
  const select = stickyRoute(backends);
  for (let i = 0; i < 6; i++) assert.notEqual(select(withCookie(valueOf(backends[0])), backends[0]), backends[0]);
});

test('of two cookies with one name the first that names a backend counts, and both are taken out', () => {
  const backends = balancedBackends(3);
  const select = stickyRoute(backends);
  const request = withCookie('forged', valueOf(backends[1]), valueOf(backends[2]));
  assert.equal(select(request), backends[1]);
  assert.equal(request.head.fields.get('cookie'), null);
});

test('a connection whose next request has no cookie has no session any more', () => {
  const backends = balancedBackends(2);
  const sessions = new StickySessions(new Members(backends, []), COOKIE);
  const { head } = withCookie(valueOf(backends[1]));
  sessions.take(head);
  assert.equal(sessions.namedBy(head), backends[1]);
  sessions.take(head);
  assert.equal(sessions.namedBy(head), null);
});

test('a value tells nothing of its backend, differs for each, and is 128 bits of signature long', () => {
  const values = balancedBackends(20).map(valueOf);
  assert.equal(new Set(values).size, 20);
  for (const value of values) assert.match(value, /^[\w-]{8}\.[\w-]{22}$/);
});

test('values are the same in every worker and after a restart with the same secret', () => {
  assert.equal(valueOf(balancedBackends(1)[0]), 'TylViurC.QoNJlw_VOMrWj8_aQCZsJg');
});

test('the cookie is for all paths, not for scripts, not for other sites; Secure and Max-Age where they belong', () => {
  const [backend, foreign] = balancedBackends(2) as [BalancedBackend, BalancedBackend];
  const members = new Members([backend], []);
  const value = valueOf(backend);
  const session = new StickySessions(members, COOKIE);
  assert.equal(session.setCookie(backend, 'http'), `route=${value}; Path=/; HttpOnly; SameSite=Lax`);
  const lasting = new StickySessions(members, { ...COOKIE, maxAgeSeconds: 3600 });
  assert.equal(
    lasting.setCookie(backend, 'https'),
    `route=${value}; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=3600`,
  );
  assert.equal(session.setCookie(foreign, 'http'), null);
});
