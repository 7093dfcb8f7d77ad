import type { Regions } from './regions.ts';

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

  /** Stores a sign of life: seconds of the caller's clock, never 0. */
  beat(thread: number, nowMs: number): void {
    Atomics.store(this.beats, thread, Math.max(1, Math.floor(nowMs / 100)));
  }

  /** Age of the last sign of life in ms at a resolution of 100 ms, or null before the first. The clock is `Date.now`. */
  ageMs(thread: number, nowMs: number): number | null {
    const last = Atomics.load(this.beats, thread);
    if (last === 0) return null;
    return (Math.floor(nowMs / 100) - last) * 100;
  }

  /** Forgets a dead thread's heartbeat. */
  reclaim(thread: number): void {
    Atomics.store(this.beats, thread, 0);
  }
}
