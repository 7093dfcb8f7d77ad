import type { BalancedRequest, UpstreamBackend, UpstreamGroup } from '../../exchange/upstream.ts';
import { type Level, LEVELS, type Members } from './members.ts';

/**
 * The backend with the fewest requests in flight for its weight, as this worker sees it. Those that are equal take turns by
 * smooth weights: idle backends get their shares, and the first of the list is not the one that always works.
 */
export class LeastConnections implements UpstreamGroup {
  private readonly members: Members;
  /** What each backend is owed; see {@link takeTurn}. */
  private readonly owed: Float64Array;
  /** Load of each backend at the selection that is under way; Infinity = it is not asked. */
  private readonly loads: Float64Array;

  /** @param start where this worker's turns begin */
  constructor(members: Members, start: number) {
    this.members = members;
    this.loads = new Float64Array(members.count);
    this.owed = new Float64Array(members.count);
    // Less than a turn: enough to be the first among equals.
    if (members.count > 0) this.owed[start % members.count] = 0.5;
  }

  select(_request: BalancedRequest, tried: UpstreamBackend | null): UpstreamBackend | null {
    for (const level of LEVELS) {
      const least = this.leastLoad(tried, level);
      if (least !== Infinity) return this.takeTurn(least);
    }
    return null;
  }

  /** Infinity when there is no backend of the level. */
  private leastLoad(tried: UpstreamBackend | null, level: Level): number {
    const { members, loads } = this;
    let least = Infinity;
    for (let i = 0; i < loads.length; i++) {
      const load = members.admits(members.at(i), tried, level) ? members.loadAt(i) : Infinity;
      loads[i] = load;
      if (load < least) least = load;
    }
    return least;
  }

  /** Smooth weighted round robin among those with the least load: each is owed its weight, who is owed most pays for all. */
  private takeTurn(least: number): UpstreamBackend {
    const { members, loads, owed } = this;
    let best = -1;
    let total = 0;
    for (let i = 0; i < loads.length; i++) {
      if (loads[i] !== least) continue;
      const weight = members.weights[i] as number;
      total += weight;
      owed[i] = (owed[i] as number) + weight;
      if (best < 0 || (owed[i] as number) > (owed[best] as number)) best = i;
    }
    owed[best] = (owed[best] as number) - total;
    return members.at(best);
  }
}
