import type { UpstreamBackend } from '../../exchange/upstream.ts';

/** Whether requests may go to a backend now. Asked for every selection: a load and a comparison, nothing more. */
export type Availability = (backend: UpstreamBackend) => boolean;

/** All backends take part. */
export const allAvailable: Availability = () => true;

/**
 * How much is asked of a backend, from much to little; a strategy looks for one at each level in turn. Without any available
 * backend all are asked (as Envoy's panic mode does): health may be judged wrongly, and an error is what the client would get
 * anyway.
 */
export const LEVELS = [0, 1, 2, 3] as const;

/** 0: available and not tried before; 1: available; 2: not tried before; 3: any. */
export type Level = (typeof LEVELS)[number];

/** The backends that a group's strategy chooses among, with their weights. Those of weight 0 are left out for good. */
export class Members {
  readonly backends: readonly UpstreamBackend[];
  /** Above 0, one for each backend. */
  readonly weights: readonly number[];
  readonly isAvailable: Availability;

  /** @param weights one for each backend; a missing one is 1 */
  constructor(
    backends: readonly UpstreamBackend[],
    weights: readonly number[],
    isAvailable: Availability = allAvailable,
  ) {
    const hasShare = (_: unknown, index: number): boolean => (weights[index] ?? 1) > 0;
    this.backends = backends.filter(hasShare);
    this.weights = backends.map((_, index) => weights[index] ?? 1).filter(hasShare);
    this.isAvailable = isAvailable;
  }

  get count(): number {
    return this.backends.length;
  }

  at(index: number): UpstreamBackend {
    return this.backends[index] as UpstreamBackend;
  }

  /** Whether a backend meets a level. */
  admits(backend: UpstreamBackend, tried: UpstreamBackend | null, level: Level): boolean {
    return (level >= 2 || this.isAvailable(backend)) && ((level & 1) === 1 || backend !== tried);
  }

  /** Requests in flight for each unit of weight. */
  loadAt(index: number): number {
    return this.at(index).inFlight / (this.weights[index] as number);
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
