import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type BalancedBackend, balancedBackends, balancedRequest, shares } from '../../../../tests/support/balanced.ts';
import { seededRandom } from '../../../../tests/support/seeded-random.ts';
import type { BalancingSettings, BalancingStrategy } from '../../../config/route-settings.ts';
import type { BalancedRequest, UpstreamBackend, UpstreamGroup } from '../../exchange/upstream.ts';
import { createBalancer, createStickySessions } from './create.ts';
import { Members } from './members.ts';

const STRATEGIES: readonly BalancingStrategy[] = [
  'round_robin',
  'least_conn',
  'ip_hash',
  'consistent_hash',
  'random_two',
];
const requests = Array.from({ length: 600 }, (_, index) =>
  balancedRequest({ address: `192.0.${index >> 8}.${index & 255}`, path: `/${index}` }),
);

function settingsOf(strategy: BalancingStrategy, changes: Partial<BalancingSettings> = {}): BalancingSettings {
  return { strategy, hashOn: { kind: 'path' }, stickyCookie: null, stickyMaxAgeSeconds: 0, ...changes };
}

/** What a group is made of. */
interface GroupParts {
  readonly backends: readonly UpstreamBackend[];
  readonly weights?: readonly number[];
  readonly worker?: number;
}

function groupOf(strategy: BalancingStrategy, { backends, weights = [], worker = 0 }: GroupParts): UpstreamGroup {
  return createBalancer(settingsOf(strategy), new Members(backends, weights), worker, null);
}

function setState(backend: BalancedBackend | undefined, state: Partial<BalancedBackend>): void {
  Object.assign(backend as BalancedBackend, state);
}

for (const strategy of STRATEGIES) {
  suite(strategy, () => {
    test('every backend gets requests', () => {
      const backends = balancedBackends(5);
      const counts = shares(groupOf(strategy, { backends }), backends, requests);
      for (const count of counts) assert.ok(count > 60, `${counts.join(', ')} of 600`);
    });

    test('shares follow the weights; a backend of weight 0 gets nothing', () => {
      const backends = balancedBackends(3);
      const [light = 0, none, heavy = 0] = shares(
        groupOf(strategy, { backends, weights: [1, 0, 3] }),
        backends,
        requests,
      );
      assert.equal(none, 0);
      assert.ok(heavy > light * 2.2 && heavy < light * 4.2, `${heavy} and ${light}`);
    });

    test('never selects the tried backend while there is another', () => {
      const backends = balancedBackends(3);
      const group = groupOf(strategy, { backends, weights: [100, 1, 1] });
      for (const request of requests)
        assert.notEqual(group.select(request, backends[0] as UpstreamBackend), backends[0]);
    });

    test('selects the tried backend when it is the only one, or the only one available', () => {
      const [only, other] = balancedBackends(2) as [BalancedBackend, BalancedBackend];
      assert.equal(groupOf(strategy, { backends: [only] }).select(balancedRequest(), only), only);
      const beside = groupOf(strategy, { backends: [only, other] });
      other.isAvailable = false;
      for (const request of requests) assert.equal(beside.select(request, only), only);
    });

    test('passes over unavailable backends', () => {
      const backends = balancedBackends(4);
      for (const index of [0, 2]) setState(backends[index], { isAvailable: false });
      const [a, b = 0, c, d = 0] = shares(groupOf(strategy, { backends }), backends, requests);
      assert.deepEqual([a, c], [0, 0]);
      assert.ok(b > 150 && d > 150, `${b} and ${d} of 600`);
    });

    test('selects among all when none is available, but still not the tried one', () => {
      const backends = balancedBackends(3);
      for (const backend of backends) backend.isAvailable = false;
      const group = groupOf(strategy, { backends });
      for (const count of shares(group, backends, requests)) assert.ok(count > 60);
      for (const request of requests)
        assert.notEqual(group.select(request, backends[1] as UpstreamBackend), backends[1]);
    });

    test('without an available backend, never selects one that refuses as long as another does not', () => {
      const backends = balancedBackends(4);
      for (const backend of backends) backend.isAvailable = false;
      for (const index of [0, 1, 3]) setState(backends[index], { isAdmitting: false });
      const group = groupOf(strategy, { backends });
      for (const request of requests) {
        assert.equal(group.select(request, null), backends[2]);
        assert.equal(group.select(request, backends[2] as UpstreamBackend), backends[2], 'even when it was tried');
      }
    });

    test('when all refuse it selects one all the same, so that the refusal can be told', () => {
      const backends = balancedBackends(3);
      for (const backend of backends) setState(backend, { isAvailable: false, isAdmitting: false });
      assert.notEqual(groupOf(strategy, { backends }).select(balancedRequest(), null), null);
    });

    test('a backend that starts slowly gets its share of what would be its own, and the others take the rest', () => {
      const backends = balancedBackends(3);
      const whole = shares(groupOf(strategy, { backends }), backends, requests)[1] as number;
      setState(backends[1], { share: 0.3 });
      const counts = shares(groupOf(strategy, { backends }), backends, requests);
      const part = counts[1] as number;
      assert.ok(part > whole * 0.15 && part < whole * 0.5, `${part} instead of ${whole}`);
    });

    test('who starts slowly goes before those that are unavailable', () => {
      const [slow, down] = balancedBackends(2) as [BalancedBackend, BalancedBackend];
      slow.share = 0.1;
      down.isAvailable = false;
      const group = groupOf(strategy, { backends: [slow, down] });
      for (const request of requests) assert.equal(group.select(request, null), slow);
    });

    test('selects nothing from an empty group or one of weights 0 alone', () => {
      assert.equal(groupOf(strategy, { backends: [] }).select(balancedRequest(), null), null);
      const backends = balancedBackends(2);
      assert.equal(groupOf(strategy, { backends, weights: [0, 0] }).select(balancedRequest(), null), null);
    });
  });
}

for (const strategy of ['ip_hash', 'consistent_hash'] as const) {
  test(`${strategy}: all workers send a key to the same backend, in any order of the targets`, () => {
    const backends = balancedBackends(5);
    const one = groupOf(strategy, { backends, worker: 0 });
    const other = groupOf(strategy, { backends: backends.toReversed(), worker: 3 });
    for (const request of requests) assert.equal(one.select(request, null), other.select(request, null));
  });

  test(`${strategy}: a key comes back to its backend when that is available again, and others never leave theirs`, () => {
    const backends = balancedBackends(5);
    const group = groupOf(strategy, { backends });
    const down = backends[2] as BalancedBackend;
    const before = requests.map((request) => group.select(request, null));
    down.isAvailable = false;
    const during = requests.map((request) => group.select(request, null));
    during.forEach((backend, index) => assert.equal(backend === before[index], before[index] !== down));
    down.isAvailable = true;
    assert.deepEqual(
      requests.map((request) => group.select(request, null)),
      before,
    );
  });
}

for (const strategy of ['ip_hash', 'consistent_hash'] as const) {
  test(`${strategy}: the keys of a backend that starts slowly come back one by one, and none goes again`, () => {
    const backends = balancedBackends(4);
    const group = groupOf(strategy, { backends });
    const slow = backends[1] as BalancedBackend;
    const own = requests.filter((request) => group.select(request, null) === slow);
    let before = 0;
    let back = new Set<BalancedRequest>();
    for (slow.share = 0.1; slow.share <= 1; slow.share = Math.round((slow.share + 0.1) * 10) / 10) {
      const now = new Set(own.filter((request) => group.select(request, null) === slow));
      assert.ok(back.isSubsetOf(now));
      assert.ok(now.size >= before);
      before = now.size;
      back = now;
    }
    assert.equal(back.size, own.length);
  });
}

for (const strategy of ['round_robin', 'least_conn', 'random_two'] as const) {
  test(`${strategy}: under load, too, a backend that starts slowly gets its share, though it is the least loaded all the time`, () => {
    for (const [count, inFlight] of [
      [3, 60],
      [20, 200],
    ] as const) {
      const random = seededRandom(count);
      const backends = balancedBackends(count);
      const slow = backends[0] as BalancedBackend;
      slow.share = 0.1;
      const group = createBalancer(settingsOf(strategy), new Members(backends, [], random), 0, null);
      const running: BalancedBackend[] = [];
      let taken = 0;
      for (let i = 0; i < 20_000; i++) {
        const chosen = group.select(balancedRequest(), null) as BalancedBackend;
        chosen.inFlight++;
        taken += Number(chosen === slow);
        running.push(chosen);
        if (running.length <= inFlight) continue;
        const [ended] = running.splice(Math.floor(random() * running.length), 1) as [BalancedBackend];
        ended.inFlight--;
      }
      const wanted = (20_000 * slow.share) / (count - 1 + slow.share);
      assert.ok(
        taken > wanted / 2 && taken < wanted * 1.6,
        `${taken} instead of ${wanted} of 20,000, ${count} backends`,
      );
    }
  });
}

for (const strategy of STRATEGIES) {
  test(`${strategy}: a group without an available backend costs some looks at each of them, not some at each point of a ring`, () => {
    const backends = balancedBackends(100);
    let looks = 0;
    const get = (): boolean => ++looks < 0;
    for (const backend of backends) Object.defineProperty(backend, 'isAvailable', { get });
    const group = groupOf(strategy, { backends });
    for (const request of requests.slice(0, 10)) assert.notEqual(group.select(request, null), null);
    assert.ok(looks <= 10 * 3 * backends.length + 100, `${looks} looks`);
  });
}

test('ip_hash: one client keeps its backend whatever it asks for', () => {
  const group = groupOf('ip_hash', { backends: balancedBackends(5) });
  const selected = new Set(requests.map(({ path }) => group.select(balancedRequest({ path }), null)));
  assert.equal(selected.size, 1);
});

test('consistent_hash: requests without the header take turns', () => {
  const backends = balancedBackends(4);
  const settings = settingsOf('consistent_hash', { hashOn: { kind: 'header', name: 'x-tenant' } });
  const group = createBalancer(settings, new Members(backends, []), 0, null);
  assert.deepEqual(shares(group, backends, requests), [150, 150, 150, 150]);
  const same = new Set(requests.map(() => group.select(balancedRequest({ lines: ['X-Tenant: a'] }), null)));
  assert.equal(same.size, 1);
});

test('there are no sessions without a sticky cookie', () => {
  assert.equal(createStickySessions(settingsOf('round_robin'), new Members([], []), 'secret'), null);
});
