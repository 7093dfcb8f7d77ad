/** Least distance of two snapshots, and the length of the window. */
const DISTANCE_MS = 15_000;
const WINDOW_MS = 300_000;

interface Snapshot {
  readonly takenMs: number;
  readonly counts: readonly number[];
}

/** Makes counts of the last five minutes out of counters that only grow: subtracts what had been counted then. */
export class RecentFailures {
  private readonly snapshots: Snapshot[] = [];

  /** To be called now and then with all counters: keeps them when it is time. */
  keep(nowMs: number, counts: readonly number[]): void {
    const last = this.snapshots.at(-1);
    if (last !== undefined && nowMs - last.takenMs < DISTANCE_MS) return;
    this.snapshots.push({ takenMs: nowMs, counts });
    // The window begins with a snapshot: the youngest of those that are old enough.
    while (nowMs - (this.snapshots[1]?.takenMs ?? Infinity) >= WINDOW_MS) this.snapshots.shift();
  }

  /** What was counted in the window, of `counts` now; of the program's whole life while it is shorter. */
  since(counts: readonly number[]): number[] {
    const oldest = this.snapshots[0]?.counts;
    return counts.map((count, i) => count - (oldest?.[i] ?? 0));
  }
}
