import type { BalancedRequest, UpstreamBackend, UpstreamGroup } from '../../exchange/upstream.ts';

/** Backends in turn, by smooth weights: a backend of weight 3 gets three of every turns' sum, never in one bunch. */
export class RoundRobin implements UpstreamGroup {
  private readonly order: readonly UpstreamBackend[];
  private position: number;

  /**
   * @param start where this worker begins, so that workers do not all hit the first backend at once (DESIGN.md 4)
   */
  constructor(backends: readonly UpstreamBackend[], weights: readonly number[], start: number) {
    this.order = spread(backends, weights);
    this.position = this.order.length === 0 ? 0 : start % this.order.length;
  }

  select(_request: BalancedRequest, tried: UpstreamBackend | null): UpstreamBackend | null {
    const { order } = this;
    if (order.length === 0) return null;
    const chosen = this.advance();
    if (chosen !== tried) return chosen;
    for (let i = 1; i < order.length; i++) {
      const other = this.advance();
      if (other !== tried) return other;
    }
    return chosen;
  }

  private advance(): UpstreamBackend {
    const chosen = this.order[this.position] as UpstreamBackend;
    this.position = this.position + 1 === this.order.length ? 0 : this.position + 1;
    return chosen;
  }
}

/** One round of smooth weighted round robin, worked out beforehand: selection is an index step. */
function spread(backends: readonly UpstreamBackend[], weights: readonly number[]): UpstreamBackend[] {
  const usable = backends
    .map((backend, i) => ({ backend, weight: weights[i] ?? 1, current: 0 }))
    .filter((entry) => entry.weight > 0);
  const divisor = usable.reduce((a, entry) => greatestCommonDivisor(a, entry.weight), 0) || 1;
  const total = usable.reduce((sum, entry) => sum + entry.weight / divisor, 0);
  const order: UpstreamBackend[] = [];
  for (let turn = 0; turn < total; turn++) {
    for (const entry of usable) entry.current += entry.weight / divisor;
    const best = usable.reduce((a, entry) => (entry.current > a.current ? entry : a));
    best.current -= total;
    order.push(best.backend);
  }
  return order;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
