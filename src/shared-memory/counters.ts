import { COUNTER_SLOTS, DIRECTORY_ENTRIES, type Regions } from './regions.ts';

const CURSOR = DIRECTORY_ENTRIES;
const OVERFLOWS = DIRECTORY_ENTRIES + 1;
/** Slot 0 takes what found no room, so that a write is never out of bounds. */
const OVERFLOW_SLOT = 0;
const PROBES = 64;
/** Looks at an entry that another worker has claimed but not published; far more than the two stores in between need. */
const PUBLISH_SPINS = 100_000;

/** What a series counts: a family and up to three numbers that are its labels. */
export interface SeriesKey {
  /** 1 to 127. */
  readonly family: number;
  /** Each 0 to 2^24-1, 2^16-1, 2^16-1. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** A series as the reader sees it. */
export interface SeriesEntry extends SeriesKey {
  readonly slot: number;
}

function pack(key: SeriesKey): bigint {
  return (BigInt(key.family) << 56n) | (BigInt(key.a) << 32n) | (BigInt(key.b) << 16n) | BigInt(key.c);
}

function unpack(packed: bigint): SeriesKey {
  return {
    family: Number((packed >> 56n) & 0x7fn),
    a: Number((packed >> 32n) & 0xffffffn),
    b: Number((packed >> 16n) & 0xffffn),
    c: Number(packed & 0xffffn),
  };
}

/** Entry at which the search for a key begins. */
function home(packed: bigint): number {
  const mixed = BigInt.asUintN(64, packed * 0x9e3779b97f4a7c15n);
  return Number(mixed >> 49n) & (DIRECTORY_ENTRIES - 1);
}

/**
 * Which slots a series has, agreed between all threads without a lock: a compare-and-swap claims an entry, a store publishes
 * its slots. Looked up once per series and worker, then kept by the caller.
 */
export class SeriesDirectory {
  private readonly keys: BigInt64Array;
  private readonly slots: Int32Array;

  constructor(regions: Regions) {
    this.keys = new BigInt64Array(regions.directoryKeys);
    this.slots = new Int32Array(regions.directorySlots);
  }

  /** First of `width` consecutive slots of a series, the same in every thread; slot 0 (overflow, counted) when there is no room. */
  slotOf(key: SeriesKey, width: number): number {
    const packed = pack(key);
    const start = home(packed);
    for (let probe = 0; probe < PROBES; probe++) {
      const entry = (start + probe) & (DIRECTORY_ENTRIES - 1);
      const found = Atomics.load(this.keys, entry);
      if (found === packed) return this.published(entry);
      if (found !== 0n) continue;
      const before = Atomics.compareExchange(this.keys, entry, 0n, packed);
      if (before === 0n) return this.publish(entry, width);
      if (before === packed) return this.published(entry);
    }
    return this.overflow();
  }

  /** All published series. */
  *entries(): Generator<SeriesEntry> {
    for (let entry = 0; entry < DIRECTORY_ENTRIES; entry++) {
      const slot = Atomics.load(this.slots, entry) - 1;
      if (slot > OVERFLOW_SLOT) yield { ...unpack(Atomics.load(this.keys, entry)), slot };
    }
  }

  /** How many lookups found no room. */
  get overflows(): number {
    return Atomics.load(this.slots, OVERFLOWS);
  }

  private publish(entry: number, width: number): number {
    const slot = Atomics.add(this.slots, CURSOR, width) + 1;
    const usable = slot + width <= COUNTER_SLOTS ? slot : OVERFLOW_SLOT;
    if (usable === OVERFLOW_SLOT) this.overflow();
    Atomics.store(this.slots, entry, usable + 1);
    return usable;
  }

  private published(entry: number): number {
    for (let spin = 0; spin < PUBLISH_SPINS; spin++) {
      const slot = Atomics.load(this.slots, entry);
      if (slot !== 0) return slot - 1;
    }
    return this.overflow();
  }

  private overflow(): number {
    Atomics.add(this.slots, OVERFLOWS, 1);
    return OVERFLOW_SLOT;
  }
}

/** The row that one worker writes. Plain stores: nobody else writes here, and a reader may be one increment behind. */
export function counterRow(regions: Regions, worker: number): Float64Array {
  return new Float64Array(regions.counters, worker * COUNTER_SLOTS * 8, COUNTER_SLOTS);
}

/** Sums slots over all rows; for the reader. */
export class CounterReader {
  private readonly rows: readonly Float64Array[];

  constructor(regions: Regions) {
    this.rows = Array.from({ length: regions.workers }, (_, worker) => counterRow(regions, worker));
  }

  /** Total of one slot. */
  sum(slot: number): number {
    let total = 0;
    for (const row of this.rows) total += row[slot] as number;
    return total;
  }
}
