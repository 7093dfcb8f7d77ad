import type { BalancedRequest, UpstreamBackend, UpstreamGroup } from '../../exchange/upstream.ts';
import { type Level, LEVELS, type Members, type RandomSource } from './members.ts';

/** Draws before the rest of the backends is looked through: enough unless nearly all are unavailable. */
const MAX_DRAWS = 4;

/**
 * Draws two backends by weight and takes the one with fewer requests in flight for its weight (Mitzenmacher, "The power of two
 * choices"): nearly as even as the least of all, and workers or proxies that all see the same least loaded backend do not all
 * run to it.
 */
export class RandomTwo implements UpstreamGroup {
  private readonly members: Members;
  private readonly random: RandomSource;
  /** Sum of the weights up to and including each backend's. */
  private readonly sums: Float64Array;
  private readonly total: number;

  constructor(members: Members, random: RandomSource = Math.random) {
    this.members = members;
    this.random = random;
    let sum = 0;
    this.sums = Float64Array.from(members.weights, (weight) => (sum += weight));
    this.total = sum;
  }

  select(_request: BalancedRequest, tried: UpstreamBackend | null): UpstreamBackend | null {
    const { members } = this;
    if (members.count < 2) return members.count === 0 ? null : members.at(0);
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const first = this.draw();
      const chosen = this.better(first, this.drawOther(first), tried);
      if (chosen >= 0) return members.at(chosen);
    }
    return this.anyFrom(this.draw(), tried);
  }

  /** The less loaded of the two that may be used, the first when they are equal; -1 when none may. */
  private better(first: number, second: number, tried: UpstreamBackend | null): number {
    const { members } = this;
    const takesFirst = members.admits(members.at(first), tried, 0);
    const takesSecond = members.admits(members.at(second), tried, 0);
    if (takesFirst && takesSecond) return members.loadAt(second) < members.loadAt(first) ? second : first;
    if (takesFirst) return first;
    return takesSecond ? second : -1;
  }

  private anyFrom(start: number, tried: UpstreamBackend | null): UpstreamBackend | null {
    for (const level of LEVELS) {
      const chosen = this.firstFrom(start, tried, level);
      if (chosen !== null) return chosen;
    }
    return null;
  }

  private firstFrom(start: number, tried: UpstreamBackend | null, level: Level): UpstreamBackend | null {
    const { members } = this;
    for (let i = 0; i < members.count; i++) {
      const backend = members.at((start + i) % members.count);
      if (members.admits(backend, tried, level)) return backend;
    }
    return null;
  }

  private draw(): number {
    return this.indexOf(this.random() * this.total);
  }

  /** A draw among all but one: its part of the line is left out. */
  private drawOther(index: number): number {
    const weight = this.members.weights[index] as number;
    const point = this.random() * (this.total - weight);
    return this.indexOf(point < (this.sums[index] as number) - weight ? point : point + weight);
  }

  /** The backend in whose part of the line a point lies. */
  private indexOf(point: number): number {
    const { sums } = this;
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) > point) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
