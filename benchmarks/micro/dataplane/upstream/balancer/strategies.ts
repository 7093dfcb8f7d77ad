import { balancedBackends, balancedRequest } from '../../../../../tests/support/balanced.ts';
import type { BalancingSettings } from '../../../../../src/config/route-settings.ts';
import { createBalancer, createStickySessions } from '../../../../../src/dataplane/upstream/balancer/create.ts';
import { HashRing } from '../../../../../src/dataplane/upstream/balancer/hash-ring.ts';
import { Members } from '../../../../../src/dataplane/upstream/balancer/members.ts';
import { stickyValue } from '../../../../../src/dataplane/upstream/balancer/sticky-sessions.ts';
import { measure } from '../../../measure.ts';

const PLAIN: BalancingSettings = {
  strategy: 'round_robin',
  hashOn: { kind: 'address' },
  stickyCookie: null,
  stickyMaxAgeSeconds: 0,
};
const lines = ['Accept: */*', 'X-Tenant: acme-industries', 'Cookie: theme=dark; session=0123456789abcdef'];
const request = balancedRequest({ address: '203.0.113.17', path: '/api/orders/12345', lines });
const overIpv6 = balancedRequest({ address: '2001:db8:17:4::3e9' });

function strategy(name: string, changes: Partial<BalancingSettings>, count = 5, from = request): void {
  const group = createBalancer({ ...PLAIN, ...changes }, new Members(balancedBackends(count), []), 0, null);
  measure(`select: ${name}, ${count} backends`, () => group.select(from, null));
}

strategy('round_robin', {});
strategy('least_conn', { strategy: 'least_conn' });
strategy('least_conn', { strategy: 'least_conn' }, 50);
strategy('random_two', { strategy: 'random_two' });
strategy('random_two', { strategy: 'random_two' }, 50);
strategy('ip_hash, IPv4', { strategy: 'ip_hash' });
strategy('ip_hash, IPv6', { strategy: 'ip_hash' }, 5, overIpv6);
strategy('consistent_hash on the path', { strategy: 'consistent_hash', hashOn: { kind: 'path' } });
strategy('consistent_hash on the path', { strategy: 'consistent_hash', hashOn: { kind: 'path' } }, 50);
strategy('consistent_hash on a header', { strategy: 'consistent_hash', hashOn: { kind: 'header', name: 'x-tenant' } });
strategy('consistent_hash on a cookie', { strategy: 'consistent_hash', hashOn: { kind: 'cookie', name: 'session' } });

const sticky: BalancingSettings = { ...PLAIN, stickyCookie: 'route' };
const members = new Members(balancedBackends(5), []);
const sessions = createStickySessions(sticky, members, 'a secret of some length');
if (sessions !== null) {
  const group = createBalancer(sticky, members, 0, sessions);
  const value = stickyValue({ name: 'route', maxAgeSeconds: 0, secret: 'a secret of some length' }, members.at(3).name);
  const cookie = balancedRequest({ lines: ['Accept: */*', `Cookie: theme=dark; route=${value}; session=1`] });
  const { fields } = cookie.head;
  const { text } = fields;
  const spans = [...fields.spans];
  measure('sticky cookie: none in the request', () => {
    sessions.take(request.head);
    return group.select(request, null);
  });
  measure('sticky cookie: taken out and found (with the reset of the request)', () => {
    fields.text = text;
    for (let i = 0; i < spans.length; i++) fields.spans[i] = spans[i] as number;
    sessions.take(cookie.head);
    return group.select(cookie, null);
  });
}

const two = new Members(balancedBackends(2), []);
measure('build the ring of 2 backends', () => new HashRing(two));
