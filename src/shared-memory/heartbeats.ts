import type { Regions } from './regions.ts';

/** Tenths of a second wrap after 3.4 years; differences stay right. */
const TENTHS_MASK = 0x3fffffff;

/**
 * Clock of the heartbeats in ms: the same in all threads of the process, never set and not running while the machine sleeps. A
 * wall clock that is put back or forward would make every thread look dead.
 */
export function steadyMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/** Signs of life of all threads, written by each and read by all: a thread that spins cannot beat. */
export class Heartbeats {
  private readonly beats: Int32Array;

  constructor(regions: Regions) {
    this.beats = new Int32Array(regions.heartbeats);
  }

  /** Index of the main thread's heartbeat. */
  get main(): number {
    return this.beats.length - 1;
  }

  /** Stores a sign of life at `nowMs` of {@link steadyMs}. */
  beat(thread: number, nowMs: number): void {
    Atomics.store(this.beats, thread, tenthsOf(nowMs));
  }

  /** Age of the last sign of life in ms at a resolution of 100 ms, or null before the first. The clock is {@link steadyMs}. */
  ageMs(thread: number, nowMs: number): number | null {
    const last = Atomics.load(this.beats, thread);
    if (last === 0) return null;
    return ((tenthsOf(nowMs) - last) & TENTHS_MASK) * 100;
  }

  /** Forgets a dead thread's heartbeat. */
  reclaim(thread: number): void {
    Atomics.store(this.beats, thread, 0);
  }
}

/** Never 0, which means that there was no sign yet. */
function tenthsOf(nowMs: number): number {
  return Math.floor(nowMs / 100) % TENTHS_MASK || 1;
}
