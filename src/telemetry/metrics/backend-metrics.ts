import type { ErrorCode } from '../../base/errors/catalogue.ts';
import { errorNumber } from '../../base/errors/error-number.ts';
import type { SeriesDirectory } from '../../shared-memory/counters.ts';
import { FAMILY } from './families.ts';
import { BackendWaits } from './backend-waits.ts';
import { FINE_SLOTS, FINE_SUM, fineSlotOf } from './fine-histogram.ts';

/** Attempt counter and response times of one backend in one worker; slots are looked up once per series and kept. */
export class BackendMetrics {
  private readonly row: Float64Array;
  private readonly directory: SeriesDirectory;
  private readonly index: number;
  private readonly waits: BackendWaits;
  private readonly slots: Map<number, number> = new Map();
  private readonly failureSlots: Map<ErrorCode, number> = new Map();
  private firstDuration = -1;

  constructor(row: Float64Array, directory: SeriesDirectory, index: number) {
    this.row = row;
    this.directory = directory;
    this.index = index;
    this.waits = new BackendWaits(row, directory, index);
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

  /** Counts the seconds that an attempt waited in the queue, and that opening its connection took; 0 = it did not. */
  recordWait(queueSeconds: number, connectSeconds: number): void {
    if (queueSeconds > 0) this.waits.queued(queueSeconds);
    if (connectSeconds > 0) this.waits.connected(connectSeconds);
  }

  /** Counts one attempt that failed. */
  recordFailure(code: ErrorCode): void {
    const slot = this.failureSlots.get(code) ?? this.openFailure(code);
    this.row[slot] = (this.row[slot] as number) + 1;
  }

  private openFailure(code: ErrorCode): number {
    const key = { family: FAMILY.backendFailures, a: this.index, b: 0, c: errorNumber(code) };
    const slot = this.directory.slotOf(key, 1);
    this.failureSlots.set(code, slot);
    return slot;
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

  override recordWait(): void {
    // Nothing is collected.
  }

  override recordFailure(): void {
    // Nothing is collected.
  }
}
