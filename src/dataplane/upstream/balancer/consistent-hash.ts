import { murmur3 } from '../../../base/hash/murmur3.ts';
import type { BalancedRequest, UpstreamBackend, UpstreamGroup } from '../../exchange/upstream.ts';
import type { HashKey } from './hash-key.ts';
import { HashRing } from './hash-ring.ts';
import { type Level, LEVELS, type Members } from './members.ts';

/**
 * The backend to which a request's key belongs, by a {@link HashRing}. When it is unavailable or was tried, the next one on the
 * ring: its keys spread over all others. Requests without a key have nothing in common and go to `others`.
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
    const place = this.ring.placeOf(murmur3(key));
    for (const level of LEVELS) {
      const chosen = this.firstFrom(place, tried, level);
      if (chosen !== null) return chosen;
    }
    return null;
  }

  private firstFrom(place: number, tried: UpstreamBackend | null, level: Level): UpstreamBackend | null {
    const { members, ring } = this;
    for (let i = 0; i < ring.size; i++) {
      const backend = members.at(ring.ownerAt(place + i));
      if (members.admits(backend, tried, level)) return backend;
    }
    return null;
  }
}
