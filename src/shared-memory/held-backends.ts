import { HELD_BACKEND_CELLS, HELD_BACKENDS, type Regions } from './regions.ts';

/** What a worker holds of one backend. */
export const BACKEND_HELD = {
  /** Connections in use or being opened. */
  active: 0,
  /** Connections kept for reuse. */
  idle: 1,
  /** Requests that wait for a connection. */
  pending: 2,
} as const;

/** Index of a value held per backend. */
export type BackendHeldCell = (typeof BACKEND_HELD)[keyof typeof BACKEND_HELD];

/** The place at which all backends beyond are held together. */
export const SHARED_PLACE: number = HELD_BACKENDS - 1;

/** Where what is held of a backend is, by its place. */
export function heldPlaceOf(place: number): number {
  return Math.min(place, SHARED_PLACE);
}

/** Values that a worker holds per backend right now; the sum over rows is the gauge, the row of a dead worker is set to zero. */
export class HeldBackends {
  private readonly cells: Int32Array;
  private readonly workers: number;
  private readonly own: number;

  /** @param worker row to write, or -1 for a reader */
  constructor(regions: Regions, worker: number) {
    this.cells = new Int32Array(regions.heldBackends);
    this.workers = regions.workers;
    this.own = cellOf(worker, 0, 0);
  }

  /** Adds to the own row; `place` as {@link heldPlaceOf} gives it. */
  add(place: number, cell: BackendHeldCell, delta: number): void {
    Atomics.add(this.cells, this.own + place * HELD_BACKEND_CELLS + cell, delta);
  }

  /** Sum over all workers of one place. */
  total(place: number, cell: BackendHeldCell): number {
    let total = 0;
    for (let worker = 0; worker < this.workers; worker++)
      total += Atomics.load(this.cells, cellOf(worker, place, cell));
    return total;
  }

  /** Whether anything is held of a backend that has a place of its own here. */
  isInUse(place: number): boolean {
    return place < SHARED_PLACE && Object.values(BACKEND_HELD).some((cell) => this.total(place, cell) !== 0);
  }

  /** Sum over all workers and all backends. */
  totalOfAll(cell: BackendHeldCell): number {
    let total = 0;
    for (let place = 0; place < HELD_BACKENDS; place++) total += this.total(place, cell);
    return total;
  }

  /** Places of which anything is held. */
  placesInUse(): number[] {
    const places = new Set<number>();
    for (let at = 0; at < this.cells.length; at++)
      if (Atomics.load(this.cells, at) !== 0) places.add(Math.floor(at / HELD_BACKEND_CELLS) % HELD_BACKENDS);
    return [...places];
  }

  /** Forgets what a dead worker held. */
  reclaim(worker: number): void {
    const end = cellOf(worker + 1, 0, 0);
    for (let cell = cellOf(worker, 0, 0); cell < end; cell++) Atomics.store(this.cells, cell, 0);
  }
}

function cellOf(worker: number, place: number, cell: number): number {
  return (worker * HELD_BACKENDS + place) * HELD_BACKEND_CELLS + cell;
}
