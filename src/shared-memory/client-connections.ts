import { CLIENT_ENTRIES, type Regions } from './regions.ts';

const PROBES = 16;
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

  /** Counts a connection of the client `key` (not 0); returns its entry for `leave`, or {@link NOT_COUNTED}. */
  join(key: bigint): number {
    for (let attempt = 0; attempt < 4; attempt++) {
      const entry = this.entryOf(key);
      if (entry < 0) return NOT_COUNTED;
      Atomics.add(this.counts, entry * this.workers + this.own, 1);
      if (Atomics.load(this.keys, entry) === key) return entry;
      Atomics.sub(this.counts, entry * this.workers + this.own, 1);
    }
    return NOT_COUNTED;
  }

  /** Open connections of an entry over all workers. */
  total(entry: number): number {
    let total = 0;
    for (let worker = 0; worker < this.workers; worker++) total += Atomics.load(this.counts, entry * this.workers + worker);
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

  /**
   * The client's entry, or one made for it: first an empty one, else one whose client has no connection left. The count is
   * raised after the key is set and the key read again afterwards (see `join`), so that an entry taken over in between is
   * noticed by whoever lost it.
   */
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
      } else if (idle < 0 && this.total(entry) === 0) {
        idle = entry;
      }
    }
    if (idle < 0) return -1;
    const before = Atomics.load(this.keys, idle);
    return this.total(idle) === 0 && Atomics.compareExchange(this.keys, idle, before, key) === before ? idle : -1;
  }
}
