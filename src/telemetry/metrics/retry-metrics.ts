import type { SeriesDirectory } from '../../shared-memory/counters.ts';
import { FAMILY, RETRY_DENIALS, RETRY_REASONS, type RetryDenial, type RetryReason } from './families.ts';

/** Counts requests that were sent again, and those that were not although they might; always, they cost nothing. */
export class RetryMetrics {
  private readonly row: Float64Array;
  private readonly retries: ReadonlyMap<RetryReason, number>;
  private readonly denials: ReadonlyMap<RetryDenial, number>;

  constructor(row: Float64Array, directory: SeriesDirectory) {
    this.row = row;
    const slot = (family: number, a: number): number => directory.slotOf({ family, a, b: 0, c: 0 }, 1);
    this.retries = new Map(RETRY_REASONS.map((reason, a) => [reason, slot(FAMILY.retries, a)]));
    this.denials = new Map(RETRY_DENIALS.map((denial, a) => [denial, slot(FAMILY.retryDenials, a)]));
  }

  /** A request was sent again. */
  retried(reason: RetryReason): void {
    this.count(this.retries.get(reason) as number);
  }

  /** A request failed for a cause that its route retries, and was not sent again. */
  denied(denial: RetryDenial): void {
    this.count(this.denials.get(denial) as number);
  }

  private count(slot: number): void {
    this.row[slot] = (this.row[slot] as number) + 1;
  }
}
