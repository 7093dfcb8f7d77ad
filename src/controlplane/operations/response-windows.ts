import { FINE_INFINITE, fineQuantile } from '../../telemetry/metrics/fine-histogram.ts';

/** Snapshots that are kept, and their distance: quantiles are of the last eight to ten minutes. */
const SNAPSHOTS = 5;
const ROTATION_MS = 120_000;

/**
 * Makes quantiles of the last minutes out of histograms that only grow: subtracts what had been counted then. A quantile since
 * the start of the program would not move any more after a day.
 */
export class ResponseWindows {
  private readonly snapshots: Map<number, Float64Array[]> = new Map();
  private rotatedMs: number;

  constructor(nowMs: number) {
    this.rotatedMs = nowMs;
  }

  /** To be called now and then: keeps the counts of all histograms when it is time. */
  rotate(nowMs: number, histograms: Iterable<readonly [slot: number, counts: Float64Array]>): void {
    if (nowMs - this.rotatedMs < ROTATION_MS) return;
    this.rotatedMs = nowMs;
    for (const [slot, counts] of histograms) {
      const kept = this.snapshots.get(slot) ?? [];
      kept.push(counts.slice());
      if (kept.length > SNAPSHOTS) kept.shift();
      this.snapshots.set(slot, kept);
    }
  }

  /**
   * Quantiles of what was counted in the window; NaN when that is nothing.
   *
   * @param slots whose sum the counts are
   */
  quantiles(slots: readonly number[], counts: Float64Array, wanted: readonly number[]): number[] {
    const recent = counts.slice(0, FINE_INFINITE + 1);
    for (const slot of slots) {
      const kept = this.snapshots.get(slot) ?? [];
      const oldest = kept.length === SNAPSHOTS ? kept[0] : undefined;
      if (oldest === undefined) continue;
      for (let i = 0; i <= FINE_INFINITE; i++) recent[i] = (recent[i] as number) - (oldest[i] as number);
    }
    return wanted.map((quantile) => fineQuantile(recent, quantile));
  }
}
