import { PATH_BYTES, PATH_ENTRIES, type Regions } from './regions.ts';

/** Most raw paths that have a series of their own; further ones count as `other`. */
export const RAW_PATH_LIMIT = 1_000;
/** Cell of the lengths that counts the paths. */
const COUNT = PATH_ENTRIES;

/**
 * Numbers for raw paths, agreed between all threads without a lock: an entry is claimed by its hash, then its text is written
 * and its length published. Two paths with the same 62-bit hash share a number. Nothing is ever taken out.
 */
export class PathTable {
  private readonly keys: BigInt64Array;
  private readonly lengths: Int32Array;
  private readonly texts: Buffer;

  constructor(regions: Regions) {
    this.keys = new BigInt64Array(regions.pathKeys);
    this.lengths = new Int32Array(regions.pathLengths);
    this.texts = Buffer.from(regions.pathTexts);
  }

  /** The number of a path in latin1; -1 when it is too long or {@link RAW_PATH_LIMIT} others are known. */
  indexOf(path: string): number {
    if (path.length > PATH_BYTES) return -1;
    const key = hashOf(path);
    const start = Number(BigInt.asUintN(32, key));
    for (let probe = 0; probe < PATH_ENTRIES; probe++) {
      const index = (start + probe) & (PATH_ENTRIES - 1);
      const found = Atomics.load(this.keys, index);
      if (found === key) return index;
      if (found !== 0n) continue;
      const taken = this.claim(index, key, path);
      if (taken !== null) return taken;
    }
    return -1;
  }

  /** The path of a number, or null while its text is on its way. */
  textOf(index: number): string | null {
    const length = Atomics.load(this.lengths, index);
    if (length === 0) return null;
    return this.texts.latin1Slice(index * PATH_BYTES, index * PATH_BYTES + length);
  }

  /** How many paths are known. */
  get size(): number {
    return Atomics.load(this.lengths, COUNT);
  }

  /** The entry's number, -1 when the table is full, null when another path took it meanwhile. */
  private claim(index: number, key: bigint, path: string): number | null {
    if (Atomics.add(this.lengths, COUNT, 1) >= RAW_PATH_LIMIT) {
      Atomics.sub(this.lengths, COUNT, 1);
      // Another thread may have brought this very path since the entry was seen free, as the last one that found room.
      const now = Atomics.load(this.keys, index);
      return now === key ? index : now === 0n ? -1 : null;
    }
    const before = Atomics.compareExchange(this.keys, index, 0n, key);
    if (before !== 0n) {
      Atomics.sub(this.lengths, COUNT, 1);
      return before === key ? index : null;
    }
    this.texts.latin1Write(path, index * PATH_BYTES, path.length);
    Atomics.store(this.lengths, index, path.length);
    return index;
  }
}

/** Two 32-bit FNV-1a hashes with different seeds; never 0, which means that an entry is free. */
function hashOf(path: string): bigint {
  let low = 0x811c9dc5;
  let high = 0x2b992ddf;
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x85ebca6b);
  }
  return (BigInt((high >>> 1) | 1) << 32n) | BigInt(low >>> 0);
}
