import { murmur3 } from '../../../base/hash/murmur3.ts';
import type { BalancedRequest, UpstreamBackend, UpstreamGroup } from '../../exchange/upstream.ts';
import type { HashKey } from './hash-key.ts';
import { HashRing } from './hash-ring.ts';
import { LEVELS, type Members } from './members.ts';

/** Another hash of a key than the one that places it. */
const TURN_SEED = 0x9e3779b9;
const HASHES = 2 ** 32;

/**
 * The backend to which a request's key belongs, by a {@link HashRing}. When it is unavailable or was tried, the next one on the
 * ring: its keys spread over all others. While it starts slowly its keys come back one by one, each for good. Requests without a key have nothing in common and go to `others`.
 */
export class ConsistentHash implements UpstreamGroup {
  private readonly members: Members;
  private readonly ring: HashRing;
  private readonly keyOf: HashKey;
  private readonly others: UpstreamGroup;

  constructor(members: Members, keyOf: HashKey, others: UpstreamGroup) {
    this.members = members;
    this.ring = new HashRing(members);
    this.keyOf = keyOf;
    this.others = others;
  }

  select(request: BalancedRequest, tried: UpstreamBackend | null): UpstreamBackend | null {
    const key = this.keyOf(request);
    if (key === '') return this.others.select(request, tried);
    if (this.members.count < 2) return this.members.count === 0 ? null : this.members.at(0);
    const { members, ring } = this;
    const place = ring.placeOf(murmur3(key));
    const owner = members.at(ring.ownerAt(place));
    if (members.admits(owner, tried, 1) && isInTurn(owner, key)) return owner;
    for (const level of LEVELS) {
      // A ring has hundreds of points for each member: it is not searched for what none of them is.
      const least = level === 0 ? 1 : level;
      if (!members.has(tried, least)) continue;
      for (let i = 0; i < ring.size; i++) {
        const backend = members.at(ring.ownerAt(place + i));
        if (members.admits(backend, tried, least) && (level > 0 || isInTurn(backend, key))) return backend;
      }
    }
    return null;
  }
}

function isInTurn({ share }: UpstreamBackend, key: string): boolean {
  return share === 1 || murmur3(key, TURN_SEED) < share * HASHES;
}
