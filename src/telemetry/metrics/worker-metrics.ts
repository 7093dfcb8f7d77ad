import { counterRow, SeriesDirectory } from '../../shared-memory/counters.ts';
import type { Regions } from '../../shared-memory/regions.ts';
import { DURATION_BUCKETS, DURATION_SLOTS, FAMILY, WORKER_COUNTERS, type WorkerCounter } from './families.ts';

const METHOD_BITS = 4;
const BUCKETS = DURATION_BUCKETS.length;

/** A worker's counters: plain adds to its own row (3.7 ns), slots looked up once per series and kept. */
export class WorkerMetrics {
  private readonly row: Float64Array;
  private readonly directory: SeriesDirectory;
  private readonly workerSlots: ReadonlyMap<WorkerCounter, number>;

  constructor(regions: Regions, worker: number) {
    this.row = counterRow(regions, worker);
    this.directory = new SeriesDirectory(regions);
    this.workerSlots = new Map(
      WORKER_COUNTERS.map((name, a) => [name, this.directory.slotOf({ family: FAMILY.worker, a, b: 0, c: 0 }, 1)]),
    );
  }

  /** Series of one route. */
  route(index: number): RouteMetrics {
    return new RouteMetrics(this.row, this.directory, index);
  }

  /** Series of one backend. */
  backend(index: number): BackendMetrics {
    return new BackendMetrics(this.row, this.directory, index);
  }

  /** Raises a counter of the worker by one. */
  count(name: WorkerCounter): void {
    const slot = this.workerSlots.get(name) as number;
    this.row[slot] = (this.row[slot] as number) + 1;
  }
}

/** Request counter and duration histogram of one route. */
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
    const first = this.durationSlots.get(methodIndex) ?? this.openDuration(methodIndex);
    let bucket = 0;
    while (bucket < BUCKETS && seconds > (DURATION_BUCKETS[bucket] as number)) bucket++;
    row[first + bucket] = (row[first + bucket] as number) + 1;
    row[first + BUCKETS + 1] = (row[first + BUCKETS + 1] as number) + seconds;
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

/** Attempt counter of one backend. */
export class BackendMetrics {
  private readonly row: Float64Array;
  private readonly directory: SeriesDirectory;
  private readonly index: number;
  private readonly slots: Map<number, number> = new Map();

  constructor(row: Float64Array, directory: SeriesDirectory, index: number) {
    this.row = row;
    this.directory = directory;
    this.index = index;
  }

  /** Counts one attempt by the status of its answer, or the status its failure stands for. */
  record(status: number): void {
    let slot = this.slots.get(status);
    if (slot === undefined) {
      slot = this.directory.slotOf({ family: FAMILY.backendRequests, a: this.index, b: 0, c: status }, 1);
      this.slots.set(status, slot);
    }
    this.row[slot] = (this.row[slot] as number) + 1;
  }
}
