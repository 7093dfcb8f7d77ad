import { CLIENT_ENTRIES, type Regions } from './regions.ts';

const PROBES = 16;
/** Stands in the place of a key while its entry changes hands. */
const CHANGING = -1n;
/** Returned where no entry was free: the connection is not counted, which errs on the side of serving it. */
export const NOT_COUNTED = -1;

/**
 * Open connections per client address over all workers. Each entry has a count per worker, so that what a dead worker held can
 * be given back. Keys are 64-bit hashes with a secret seed: a client cannot choose its entry.
 */
export class ClientConnections {
  private readonly keys: BigInt64Array;
  private readonly counts: Int32Array;
  private readonly workers: number;
  private readonly own: number;

  /** @param worker column to write, or -1 for one that only reclaims */
  constructor(regions: Regions, worker: number) {
    this.keys = new BigInt64Array(regions.clientKeys);
    this.counts = new Int32Array(regions.clientCounts);
    this.workers = regions.workers;
    this.own = worker;
  }

  /** Counts a connection of the client `key` (not 0, not -1); returns its entry for `leave`, or {@link NOT_COUNTED}. */
  join(key: bigint): number {
    for (let attempt = 0; attempt < 4; attempt++) {
      const entry = this.entryOf(key);
      if (entry < 0) continue;
      Atomics.add(this.counts, entry * this.workers + this.own, 1);
      if (Atomics.load(this.keys, entry) === key) return entry;
      Atomics.sub(this.counts, entry * this.workers + this.own, 1);
    }
    return NOT_COUNTED;
  }

  /** Open connections of an entry over all workers. */
  total(entry: number): number {
    let total = 0;
    for (let worker = 0; worker < this.workers; worker++)
      total += Atomics.load(this.counts, entry * this.workers + worker);
    return total;
  }

  /** Takes one connection of an entry back. */
  leave(entry: number): void {
    if (entry !== NOT_COUNTED) Atomics.sub(this.counts, entry * this.workers + this.own, 1);
  }

  /** Gives back everything a dead worker held. */
  reclaim(worker: number): void {
    for (let entry = 0; entry < CLIENT_ENTRIES; entry++) Atomics.store(this.counts, entry * this.workers + worker, 0);
  }

  /** The client's entry, or one made for it: first an empty one, else one whose client has no connection left. */
  private entryOf(key: bigint): number {
    const start = Number(BigInt.asUintN(14, key));
    let idle = -1;
    for (let probe = 0; probe < PROBES; probe++) {
      const entry = (start + probe) & (CLIENT_ENTRIES - 1);
      const found = Atomics.load(this.keys, entry);
      if (found === key) return entry;
      if (found === 0n) {
        const before = Atomics.compareExchange(this.keys, entry, 0n, key);
        if (before === 0n || before === key) return entry;
      } else if (idle < 0 && found !== CHANGING && this.total(entry) === 0) {
        idle = entry;
      }
    }
    return idle >= 0 && this.takeOver(idle, key) ? idle : -1;
  }

  /**
   * Gives an entry without connections to another client. A `join` of the old client either raised the count before the entry
   * was marked, and is seen here, or reads the mark after raising it, and looks for another entry.
   */
  private takeOver(entry: number, key: bigint): boolean {
    const before = Atomics.load(this.keys, entry);
    if (before === CHANGING || Atomics.compareExchange(this.keys, entry, before, CHANGING) !== before) return false;
    const free = this.total(entry) === 0;
    Atomics.store(this.keys, entry, free ? key : before);
    return free;
  }
}
