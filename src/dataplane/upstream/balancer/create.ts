import type { BalancingSettings, BalancingStrategy, HashSource } from '../../../config/route-settings.ts';
import type { UpstreamGroup } from '../../exchange/upstream.ts';
import { ConsistentHash } from './consistent-hash.ts';
import { createHashKey } from './hash-key.ts';
import { LeastConnections } from './least-connections.ts';
import type { Members } from './members.ts';
import { RandomTwo } from './random-two.ts';
import { RoundRobin } from './round-robin.ts';
import { StickyGroup } from './sticky-group.ts';
import { StickySessions } from './sticky-sessions.ts';

/** The sessions of a route, or null when it has no sticky cookie. Its group and its filter share them. */
export function createStickySessions(
  settings: BalancingSettings,
  members: Members,
  secret: string,
): StickySessions | null {
  const { stickyCookie: name, stickyMaxAgeSeconds: maxAgeSeconds } = settings;
  return name === null ? null : new StickySessions(members, { name, maxAgeSeconds, secret });
}

/**
 * Makes the group of a route.
 *
 * @param sessions of {@link createStickySessions}
 */
export function createBalancer(
  settings: BalancingSettings,
  members: Members,
  workerIndex: number,
  sessions: StickySessions | null,
): UpstreamGroup {
  const strategy = STRATEGIES[settings.strategy](members, workerIndex, settings.hashOn);
  return sessions === null ? strategy : new StickyGroup(sessions, strategy);
}

/** How each strategy is made; a new name without an entry does not compile. */
const STRATEGIES: Readonly<
  Record<BalancingStrategy, (members: Members, workerIndex: number, hashOn: HashSource) => UpstreamGroup>
> = {
  round_robin: roundRobin,
  least_conn: (members, workerIndex) => new LeastConnections(members, workerIndex),
  ip_hash: (members, workerIndex) => hashed(members, workerIndex, { kind: 'address' }),
  consistent_hash: hashed,
  random_two: (members) => new RandomTwo(members),
};

function hashed(members: Members, workerIndex: number, hashOn: HashSource): UpstreamGroup {
  return new ConsistentHash(members, createHashKey(hashOn), roundRobin(members, workerIndex));
}

function roundRobin({ backends, weights }: Members, start: number): RoundRobin {
  return new RoundRobin(backends, weights, start);
}
