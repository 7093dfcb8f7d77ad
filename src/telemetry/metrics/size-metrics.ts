import type { SeriesDirectory } from '../../shared-memory/counters.ts';
import { FAMILY, METHODS, SIZE_BUCKETS, SIZE_SLOTS } from './families.ts';

const BUCKETS = SIZE_BUCKETS.length;
const UNKNOWN = -1;

/** Histograms of body sizes by method in one worker; slots are looked up once per series and kept. */
export class SizeMetrics {
  private readonly row: Float64Array;
  private readonly directory: SeriesDirectory;
  private readonly requestSlots: Int32Array = new Int32Array(METHODS.length).fill(UNKNOWN);
  private readonly responseSlots: Int32Array = new Int32Array(METHODS.length).fill(UNKNOWN);

  constructor(row: Float64Array, directory: SeriesDirectory) {
    this.row = row;
    this.directory = directory;
  }

  /** Counts the bodies of one exchange, in bytes without framing. */
  record(methodIndex: number, requestBytes: number, responseBytes: number): void {
    this.add(this.requestSlots, FAMILY.requestSize, methodIndex, requestBytes);
    this.add(this.responseSlots, FAMILY.responseSize, methodIndex, responseBytes);
  }

  private add(slots: Int32Array, family: number, methodIndex: number, bytes: number): void {
    let first = slots[methodIndex] as number;
    if (first === UNKNOWN) {
      first = this.directory.slotOf({ family, a: 0, b: methodIndex, c: 0 }, SIZE_SLOTS);
      slots[methodIndex] = first;
    }
    const row = this.row;
    let bucket = 0;
    while (bucket < BUCKETS && bytes > (SIZE_BUCKETS[bucket] as number)) bucket++;
    row[first + bucket] = (row[first + bucket] as number) + 1;
    row[first + BUCKETS + 1] = (row[first + BUCKETS + 1] as number) + bytes;
  }
}
