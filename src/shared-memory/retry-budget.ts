import type { RetryBudgetSettings } from '../config/resilience-settings.ts';

import { type SteadyClock, steadyClock } from './steady-clock.ts';

/** Seconds that the budget looks back on. */
const WINDOW_SECONDS = 10;
/** Slots of a ring, one a second: the window and some room for threads that are behind; a power of two. */
const SLOTS = 16;
/** Int32 cells of a ring of requests: the second and the count of each slot. Two cache lines, so that workers do not share one. */
const ROW = SLOTS * 2;
/** A slot of the ring of retries holds the last bits of its second above the count. */
const COUNT_BITS = 20;
const COUNT_MASK = (1 << COUNT_BITS) - 1;
const SECOND_MASK = 0xfff;

/** The part of the regions that the budget is in. */
export interface RetryBudgetRegions {
  readonly workers: number;
  /** Int32: the ring of retries of all workers, then a ring of requests per worker. */
  readonly retryBudget: SharedArrayBuffer;
}

/** What the budget shows. */
export interface RetryBudgetFigures {
  /** Requests of the last ten seconds. */
  readonly requests: number;
  /** Retries of the last ten seconds, and how many there may be. */
  readonly used: number;
  readonly allowed: number;
}

/** Memory for the budget, zeroed. */
export function createRetryBudgetRegion(workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer((SLOTS + workers * ROW) * 4);
}

/**
 * How many retries there may be in ten seconds, over all workers and backends: a share of the requests of these ten seconds, and
 * `minPerSecond` for each second besides, so that a program with few requests can retry at all. A request costs one add to the
 * worker's own row; only who wants to retry sums up, and takes his place by one compare-and-swap. At the turn of a second two
 * workers that disagree about it may each take the last place.
 */
export class RetryBudget {
  private readonly cells: Int32Array;
  private readonly workers: number;
  private readonly own: number;
  private readonly clock: SteadyClock = steadyClock();
  private settings: RetryBudgetSettings = { share: 0, minPerSecond: 0 };
  /** Cell that counts the requests of this second. */
  private counting: number;

  /**
   * Allows nothing until it is configured.
   *
   * @param worker row to write, or -1 for a reader
   */
  constructor(regions: RetryBudgetRegions, worker: number) {
    this.cells = new Int32Array(regions.retryBudget);
    this.workers = regions.workers;
    this.own = SLOTS + worker * ROW;
    this.counting = this.own + 1;
  }

  /** Takes other limits, as a reload brings them; what was counted stays. */
  configure(settings: RetryBudgetSettings): void {
    this.settings = settings;
  }

  /** A request came that may have to be sent again. Once per request, not per attempt. */
  requested(): void {
    this.cells[this.counting] = (this.cells[this.counting] as number) + 1;
  }

  /** Moves on with the time, several times a second; requests count for the second of the last tick. `nowMs` is steady time. */
  tick(nowMs: number): void {
    const second = Math.floor(nowMs / 1_000);
    const slot = this.own + (second & (SLOTS - 1)) * 2;
    this.counting = slot + 1;
    if (Atomics.load(this.cells, slot) === second) return;
    // The count first: with the old second it is out of the window whoever reads now.
    Atomics.store(this.cells, slot + 1, 0);
    Atomics.store(this.cells, slot, second);
  }

  /** Takes one retry out of the budget; false = it is used up. */
  mayRetry(nowMs: number = this.clock()): boolean {
    const { cells } = this;
    const second = Math.floor(nowMs / 1_000);
    const tag = second & SECOND_MASK;
    const slot = second & (SLOTS - 1);
    const allowed = this.allowed(this.requestsAt(second));
    for (;;) {
      const before = Atomics.load(cells, slot);
      const count = before >>> COUNT_BITS === tag ? before & COUNT_MASK : 0;
      if (this.usedAt(second, slot) + count >= Math.min(allowed, COUNT_MASK)) return false;
      if (Atomics.compareExchange(cells, slot, before, (tag << COUNT_BITS) | (count + 1)) === before) return true;
    }
  }

  /** How the budget stands. */
  figures(nowMs: number): RetryBudgetFigures {
    const second = Math.floor(nowMs / 1_000);
    const requests = this.requestsAt(second);
    return { requests, used: this.usedAt(second, -1), allowed: this.allowed(requests) };
  }

  /** Empties slots that are out of the window, about once a second; main only. Else their seconds would come round in an hour. */
  sweep(nowMs: number): void {
    const second = Math.floor(nowMs / 1_000);
    for (let slot = 0; slot < SLOTS; slot++) {
      const before = Atomics.load(this.cells, slot);
      if (before !== 0 && !isInWindow(before >>> COUNT_BITS, second))
        Atomics.compareExchange(this.cells, slot, before, 0);
    }
  }

  private allowed(requests: number): number {
    return Math.floor(requests * this.settings.share + this.settings.minPerSecond * WINDOW_SECONDS);
  }

  private requestsAt(second: number): number {
    let total = 0;
    for (let worker = 0; worker < this.workers; worker++) {
      const row = SLOTS + worker * ROW;
      for (let cell = row; cell < row + ROW; cell += 2) {
        const age = second - Atomics.load(this.cells, cell);
        // A thread that is ahead counts for a second that has not come here.
        if (age < WINDOW_SECONDS && age > WINDOW_SECONDS - SLOTS) total += Atomics.load(this.cells, cell + 1);
      }
    }
    return total;
  }

  /** Retries of the window but for those of one slot. */
  private usedAt(second: number, butSlot: number): number {
    let total = 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      const value = Atomics.load(this.cells, slot);
      if (slot !== butSlot && isInWindow(value >>> COUNT_BITS, second)) total += value & COUNT_MASK;
    }
    return total;
  }
}

/** Whether the last bits of a second are those of one in the window, or of one just ahead. */
function isInWindow(tag: number, second: number): boolean {
  const age = (second - tag) & SECOND_MASK;
  return age < WINDOW_SECONDS || age > SECOND_MASK + WINDOW_SECONDS - SLOTS;
}
