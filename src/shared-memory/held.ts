import { HELD_CELLS, type Regions } from './regions.ts';

/** Cells of a worker's held row. */
export const HELD = {
  connections: 0,
  requests: 1,
  bufferKib: 2,
  webSockets: 3,
  otherTunnels: 4,
  eventStreams: 5,
} as const;

/** Index of a held value. */
export type HeldCell = (typeof HELD)[keyof typeof HELD];

/** Values that a worker holds right now; the sum over rows is the gauge, the row of a dead worker is set to zero. */
export class HeldValues {
  private readonly cells: Int32Array;
  private readonly workers: number;
  private readonly own: number;

  /** @param worker row to write, or -1 for a reader */
  constructor(regions: Regions, worker: number) {
    this.cells = new Int32Array(regions.held);
    this.workers = regions.workers;
    this.own = worker * HELD_CELLS;
  }

  /** Adds to the own row and returns the row's new value. */
  add(cell: HeldCell, delta: number): number {
    return Atomics.add(this.cells, this.own + cell, delta) + delta;
  }

  /** Sets a value of the own row. */
  set(cell: HeldCell, value: number): void {
    Atomics.store(this.cells, this.own + cell, value);
  }

  /** Sum over all workers. */
  total(cell: HeldCell): number {
    let total = 0;
    for (let worker = 0; worker < this.workers; worker++) total += Atomics.load(this.cells, worker * HELD_CELLS + cell);
    return total;
  }

  /** Value of one worker. */
  of(worker: number, cell: HeldCell): number {
    return Atomics.load(this.cells, worker * HELD_CELLS + cell);
  }

  /** Forgets what a dead worker held. */
  reclaim(worker: number): void {
    for (let cell = 0; cell < HELD_CELLS; cell++) Atomics.store(this.cells, worker * HELD_CELLS + cell, 0);
  }
}
