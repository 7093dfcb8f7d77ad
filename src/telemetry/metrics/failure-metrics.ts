import type { ErrorCode } from '../../base/errors/catalogue.ts';
import { errorNumber } from '../../base/errors/error-number.ts';
import type { SeriesDirectory } from '../../shared-memory/counters.ts';
import { FAMILY } from './families.ts';

/** Counts failed requests by their code; always, as failures are rare and tell of trouble. */
export class FailureMetrics {
  private readonly row: Float64Array;
  private readonly directory: SeriesDirectory;
  private readonly slots: Map<ErrorCode, number> = new Map();

  constructor(row: Float64Array, directory: SeriesDirectory) {
    this.row = row;
    this.directory = directory;
  }

  /** A request ended with this failure. */
  count(code: ErrorCode): void {
    const slot = this.slots.get(code) ?? this.open(code);
    this.row[slot] = (this.row[slot] as number) + 1;
  }

  private open(code: ErrorCode): number {
    const slot = this.directory.slotOf({ family: FAMILY.failures, a: errorNumber(code), b: 0, c: 0 }, 1);
    this.slots.set(code, slot);
    return slot;
  }
}
