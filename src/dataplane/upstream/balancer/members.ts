import type { UpstreamBackend } from '../../exchange/upstream.ts';

/** A number from 0 up to, not including, 1. */
export type RandomSource = () => number;

/**
 * How much is asked of a backend, from much to little; a strategy looks for one at each level in turn.
 *
 * 0: available, not tried before, and in its turn if it starts slowly; 1: available and not tried before; 2: available; 3: not
 * tried before; 4: any that admits requests; 5: any.
 *
 * Without an available backend the others are asked (as Envoy's panic mode does): health may be judged wrongly, and an error is
 * what the client would get anyway. An open breaker is not overruled: who asks at level 5 learns that it refuses.
 */
export const LEVELS = [0, 1, 2, 3, 4, 5] as const;
export type Level = (typeof LEVELS)[number];

/** The backends that a group's strategy chooses among, with their weights. Those of weight 0 are left out for good. */
export class Members {
  readonly backends: readonly UpstreamBackend[];
  /** Above 0, one for each backend. */
  readonly weights: readonly number[];
  private readonly random: RandomSource;

  /** @param weights one for each backend; a missing one is 1 */
  constructor(backends: readonly UpstreamBackend[], weights: readonly number[], random: RandomSource = Math.random) {
    const hasShare = (_: unknown, index: number): boolean => (weights[index] ?? 1) > 0;
    this.backends = backends.filter(hasShare);
    this.weights = backends.map((_, index) => weights[index] ?? 1).filter(hasShare);
    this.random = random;
  }

  get count(): number {
    return this.backends.length;
  }

  at(index: number): UpstreamBackend {
    return this.backends[index] as UpstreamBackend;
  }

  /** Whether a backend meets a level. A load and a comparison while it is well. */
  admits(backend: UpstreamBackend, tried: UpstreamBackend | null, level: Level): boolean {
    if (level > 2) return level === 5 || (backend.isAdmitting && (level === 4 || backend !== tried));
    return backend.isAvailable && (level === 2 || backend !== tried) && (level > 0 || this.isInTurn(backend));
  }

  /** Whether any member meets a level. */
  has(tried: UpstreamBackend | null, level: Level): boolean {
    for (const backend of this.backends) if (this.admits(backend, tried, level)) return true;
    return false;
  }

  /** A backend that starts slowly takes a part of what would be its own. */
  private isInTurn({ share }: UpstreamBackend): boolean {
    return share === 1 || this.random() < share;
  }

  /**
   * Requests in flight for each unit of weight, of which a backend that starts slowly has a part: its turns alone would not hold
   * back one that is always the least loaded.
   */
  loadAt(index: number): number {
    const { inFlight, share } = this.at(index);
    return inFlight / ((this.weights[index] as number) * share);
  }
}

/** Weights in their smallest whole numbers: 100 and 50 are 2 and 1. */
export function reducedWeights(weights: readonly number[]): number[] {
  const divisor = weights.reduce(greatestCommonDivisor, 0) || 1;
  return weights.map((weight) => weight / divisor);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
