import {
  BROAD_ENTRIES,
  BROAD_SLOTS,
  COUNTER_SLOTS,
  type Regions,
  SINGLE_ENTRIES,
  WIDE_ENTRIES,
  WIDE_SLOTS,
} from './regions.ts';

/** Slot 0 takes what found no room, so that a write is never out of bounds. */
const OVERFLOW_SLOT = 0;
const PROBES = 64;
/** Cell of the use region that counts look-ups without room; behind it are the entries taken per shelf. */
const OVERFLOWS = 0;
const TAKEN = 1;

/** Value of `a` for what all series beyond the limit count in; such a series is made even when the limit is reached. */
export const SERIES_OTHER = 0xffffff;

/**
 * Most series of one slot, of up to {@link WIDE_SLOTS} and of up to {@link BROAD_SLOTS}: below the entries that exist, so that a
 * search stays short and {@link SERIES_OTHER} finds room.
 */
export const SERIES_LIMITS = { single: 20_000, wide: 4_000, broad: 1_024 } as const;

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

/** Entries of one width: the slots of an entry follow from its number, so that claiming it is all there is to publish. */
interface Shelf {
  /** Its place among the shelves. */
  readonly order: number;
  /** Entries that may be taken. */
  readonly limit: number;
  readonly firstEntry: number;
  readonly entries: number;
  readonly firstSlot: number;
  readonly width: number;
}

const SINGLE: Shelf = {
  order: 0,
  limit: SERIES_LIMITS.single,
  firstEntry: 0,
  entries: SINGLE_ENTRIES,
  firstSlot: 1,
  width: 1,
};
const WIDE: Shelf = {
  order: 1,
  limit: SERIES_LIMITS.wide,
  firstEntry: SINGLE_ENTRIES,
  entries: WIDE_ENTRIES,
  firstSlot: 1 + SINGLE_ENTRIES,
  width: WIDE_SLOTS,
};
const BROAD: Shelf = {
  order: 2,
  limit: SERIES_LIMITS.broad,
  firstEntry: SINGLE_ENTRIES + WIDE_ENTRIES,
  entries: BROAD_ENTRIES,
  firstSlot: 1 + SINGLE_ENTRIES + WIDE_ENTRIES * WIDE_SLOTS,
  width: BROAD_SLOTS,
};
const SHELVES: readonly Shelf[] = [SINGLE, WIDE, BROAD];

/**
 * Which slots a series has, agreed between all threads without a lock and without waiting: one compare-and-swap claims an entry.
 * Looked up once per series and worker, then kept by the caller.
 */
export class SeriesDirectory {
  private readonly keys: BigInt64Array;
  private readonly use: Int32Array;

  constructor(regions: Regions) {
    this.keys = new BigInt64Array(regions.directoryKeys);
    this.use = new Int32Array(regions.directoryUse);
  }

  /**
   * First of `width` consecutive slots of a series (1 to {@link BROAD_SLOTS}), the same in every thread. Beyond the limit: the
   * slots of the same series with {@link SERIES_OTHER} for `a`, and the overflow is counted.
   */
  slotOf(key: SeriesKey, width: number): number {
    const shelf = width === 1 ? SINGLE : width <= WIDE_SLOTS ? WIDE : BROAD;
    const slot = this.find(key, shelf);
    if (slot !== OVERFLOW_SLOT) return slot;
    Atomics.add(this.use, OVERFLOWS, 1);
    return key.a === SERIES_OTHER ? OVERFLOW_SLOT : this.find({ ...key, a: SERIES_OTHER }, shelf);
  }

  private find(key: SeriesKey, shelf: Shelf): number {
    const packed = pack(key);
    const start = home(packed, shelf);
    for (let probe = 0; probe < PROBES; probe++) {
      const index = (start + probe) & (shelf.entries - 1);
      const entry = shelf.firstEntry + index;
      const found = Atomics.load(this.keys, entry);
      if (found === packed) return shelf.firstSlot + index * shelf.width;
      if (found !== 0n) continue;
      // Nothing is ever taken out of the directory: behind a free entry the series cannot be.
      if (Atomics.load(this.use, TAKEN + shelf.order) >= shelf.limit && key.a !== SERIES_OTHER) return OVERFLOW_SLOT;
      const before = Atomics.compareExchange(this.keys, entry, 0n, packed);
      if (before === 0n) Atomics.add(this.use, TAKEN + shelf.order, 1);
      if (before === 0n || before === packed) return shelf.firstSlot + index * shelf.width;
    }
    return OVERFLOW_SLOT;
  }

  /** All series. */
  *entries(): Generator<SeriesEntry> {
    for (const shelf of SHELVES) {
      for (let index = 0; index < shelf.entries; index++) {
        const packed = Atomics.load(this.keys, shelf.firstEntry + index);
        if (packed !== 0n) yield { ...unpack(packed), slot: shelf.firstSlot + index * shelf.width };
      }
    }
  }

  /** How many look-ups found no room: one per worker and series. */
  get overflows(): number {
    return Atomics.load(this.use, OVERFLOWS);
  }

  /** How many series there are, of all widths. */
  get size(): number {
    return SHELVES.reduce((sum, { order }) => sum + Atomics.load(this.use, TAKEN + order), 0);
  }
}

/** Index at which the search for a key begins. */
function home(packed: bigint, shelf: Shelf): number {
  const mixed = BigInt.asUintN(64, packed * 0x9e3779b97f4a7c15n);
  return Number(mixed >> 40n) & (shelf.entries - 1);
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
