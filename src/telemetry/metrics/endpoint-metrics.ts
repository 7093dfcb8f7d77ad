import type { SeriesDirectory } from '../../shared-memory/counters.ts';
import { FAMILY } from './families.ts';

/** Counts what the own endpoints answered: in the series of paths it cannot be told from a route with the same path. */
export class EndpointMetrics {
  private readonly row: Float64Array;
  private readonly directory: SeriesDirectory;
  private readonly slots: Map<number, number> = new Map();

  constructor(row: Float64Array, directory: SeriesDirectory) {
    this.row = row;
    this.directory = directory;
  }

  /** An endpoint answered with this status. */
  count(status: number): void {
    const slot = this.slots.get(status) ?? this.open(status);
    this.row[slot] = (this.row[slot] as number) + 1;
  }

  private open(status: number): number {
    const slot = this.directory.slotOf({ family: FAMILY.endpointRequests, a: 0, b: 0, c: status }, 1);
    this.slots.set(status, slot);
    return slot;
  }
}
