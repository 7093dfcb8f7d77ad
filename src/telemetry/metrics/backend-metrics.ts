import type { SeriesDirectory } from '../../shared-memory/counters.ts';
import { FAMILY } from './families.ts';
import { FINE_SLOTS, FINE_SUM, fineSlotOf } from './fine-histogram.ts';

/** Attempt counter and response times of one backend in one worker; slots are looked up once per series and kept. */
export class BackendMetrics {
  private readonly row: Float64Array;
  private readonly directory: SeriesDirectory;
  private readonly index: number;
  private readonly slots: Map<number, number> = new Map();
  private firstDuration = -1;

  constructor(row: Float64Array, directory: SeriesDirectory, index: number) {
    this.row = row;
    this.directory = directory;
    this.index = index;
  }

  /**
   * Counts one attempt by the status of its answer, or the status its failure stands for.
   *
   * @param seconds from the start of the attempt to the head of the answer or to the timeout; negative = nothing to measure,
   * for instance a refused connection, which would make a backend look fast
   */
  record(status: number, seconds: number): void {
    const row = this.row;
    const slot = this.slots.get(status) ?? this.openStatus(status);
    row[slot] = (row[slot] as number) + 1;
    if (seconds < 0) return;
    const first = this.firstDuration < 0 ? this.openDuration() : this.firstDuration;
    const bucket = first + fineSlotOf(seconds);
    row[bucket] = (row[bucket] as number) + 1;
    row[first + FINE_SUM] = (row[first + FINE_SUM] as number) + seconds;
  }

  private openStatus(status: number): number {
    const slot = this.directory.slotOf({ family: FAMILY.backendRequests, a: this.index, b: 0, c: status }, 1);
    this.slots.set(status, slot);
    return slot;
  }

  private openDuration(): number {
    const key = { family: FAMILY.backendDuration, a: this.index, b: 0, c: 0 };
    this.firstDuration = this.directory.slotOf(key, FINE_SLOTS);
    return this.firstDuration;
  }
}

/** Counts nothing: RWWWRSE_METRICS_ENABLED=false. */
export class SilentBackendMetrics extends BackendMetrics {
  override record(): void {
    // Nothing is collected.
  }
}
