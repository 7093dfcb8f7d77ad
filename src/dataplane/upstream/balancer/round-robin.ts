import type { BalancedRequest, UpstreamBackend, UpstreamGroup } from '../../exchange/upstream.ts';
import { type Level, LEVELS, Members, reducedWeights } from './members.ts';

/** Longest round that is worked out; weights whose sum is larger are rounded to fit. */
const MAX_TURNS = 4096;

/** Backends in turn, by smooth weights: a backend of weight 3 gets three of every turns' sum, never in one bunch. */
export class RoundRobin implements UpstreamGroup {
  private readonly members: Members;
  private readonly order: readonly UpstreamBackend[];
  private position: number;

  /**
   * @param start where this worker begins, so that workers do not all hit the first backend at once (DESIGN.md 4)
   */
  constructor(backends: readonly UpstreamBackend[], weights: readonly number[], start: number) {
    this.members = new Members(backends, weights);
    this.order = spread(this.members);
    this.position = this.order.length === 0 ? 0 : start % this.order.length;
  }

  select(_request: BalancedRequest, tried: UpstreamBackend | null): UpstreamBackend | null {
    for (const level of LEVELS) {
      const chosen = this.next(tried, level);
      if (chosen !== null) return chosen;
    }
    return null;
  }

  /** Those that are passed over have had their turn, so that the one behind a missing backend does not get two. */
  private next(tried: UpstreamBackend | null, level: Level): UpstreamBackend | null {
    const { order, members } = this;
    for (let i = 0; i < order.length; i++) {
      const chosen = order[this.position] as UpstreamBackend;
      this.position = this.position + 1 === order.length ? 0 : this.position + 1;
      if (members.admits(chosen, tried, level)) return chosen;
    }
    return null;
  }
}

/** One round of smooth weighted round robin, worked out beforehand: selection is an index step. */
function spread({ backends, weights }: Members): UpstreamBackend[] {
  const shares = fittingWeights(weights);
  const total = shares.reduce((sum, share) => sum + share, 0);
  const current = shares.map(() => 0);
  const order: UpstreamBackend[] = [];
  for (let turn = 0; turn < total; turn++) {
    let best = 0;
    for (let i = 0; i < shares.length; i++) {
      current[i] = (current[i] as number) + (shares[i] as number);
      if ((current[i] as number) > (current[best] as number)) best = i;
    }
    current[best] = (current[best] as number) - total;
    order.push(backends[best] as UpstreamBackend);
  }
  return order;
}

function fittingWeights(weights: readonly number[]): number[] {
  const reduced = reducedWeights(weights);
  const total = reduced.reduce((sum, weight) => sum + weight, 0);
  if (total <= MAX_TURNS) return reduced;
  return reduced.map((weight) => Math.max(1, Math.round((weight * MAX_TURNS) / total)));
}
