import type { SeriesDirectory } from '../../shared-memory/counters.ts';
import { recordDuration } from './duration-histogram.ts';
import { DURATION_SLOTS, FAMILY } from './families.ts';

/** How long attempts waited for a connection of one backend in one worker; those that found an idle one are not among them. */
export class BackendWaits {
  private readonly row: Float64Array;
  private readonly directory: SeriesDirectory;
  private readonly index: number;
  private queueSlot = -1;
  private connectSlot = -1;

  constructor(row: Float64Array, directory: SeriesDirectory, index: number) {
    this.row = row;
    this.directory = directory;
    this.index = index;
  }

  /** Seconds in the queue until one of the connections was free. */
  queued(seconds: number): void {
    if (this.queueSlot < 0) this.queueSlot = this.open(FAMILY.backendQueue);
    recordDuration(this.row, this.queueSlot, seconds);
  }

  /** Seconds that opening a connection took. */
  connected(seconds: number): void {
    if (this.connectSlot < 0) this.connectSlot = this.open(FAMILY.backendConnect);
    recordDuration(this.row, this.connectSlot, seconds);
  }

  private open(family: number): number {
    return this.directory.slotOf({ family, a: this.index, b: 0, c: 0 }, DURATION_SLOTS);
  }
}
