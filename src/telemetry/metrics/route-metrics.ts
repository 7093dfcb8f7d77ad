import type { SeriesDirectory } from '../../shared-memory/counters.ts';
import { recordDuration } from './duration-histogram.ts';
import { DURATION_SLOTS, FAMILY } from './families.ts';

const METHOD_BITS = 4;

/** Request counter and duration histogram of one route in one worker; slots are looked up once per series and kept. */
export class RouteMetrics {
  private readonly row: Float64Array;
  private readonly directory: SeriesDirectory;
  private readonly index: number;
  private readonly requestSlots: Map<number, number> = new Map();
  private readonly durationSlots: Map<number, number> = new Map();

  constructor(row: Float64Array, directory: SeriesDirectory, index: number) {
    this.row = row;
    this.directory = directory;
    this.index = index;
  }

  /** Counts one finished exchange. */
  record(methodIndex: number, status: number, seconds: number): void {
    const row = this.row;
    const request =
      this.requestSlots.get((status << METHOD_BITS) | methodIndex) ?? this.openRequest(methodIndex, status);
    row[request] = (row[request] as number) + 1;
    recordDuration(row, this.durationSlots.get(methodIndex) ?? this.openDuration(methodIndex), seconds);
  }

  private openRequest(methodIndex: number, status: number): number {
    const slot = this.directory.slotOf({ family: FAMILY.requests, a: this.index, b: methodIndex, c: status }, 1);
    this.requestSlots.set((status << METHOD_BITS) | methodIndex, slot);
    return slot;
  }

  private openDuration(methodIndex: number): number {
    const slot = this.directory.slotOf(
      { family: FAMILY.requestDuration, a: this.index, b: methodIndex, c: 0 },
      DURATION_SLOTS,
    );
    this.durationSlots.set(methodIndex, slot);
    return slot;
  }
}

/** Counts nothing: RWWWRSE_METRICS_ENABLED=false. */
export class SilentRouteMetrics extends RouteMetrics {
  override record(): void {
    // Nothing is collected.
  }
}
