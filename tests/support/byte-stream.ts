import { createHash, type Hash, randomBytes } from 'node:crypto';

const BLOCK = randomBytes(1_048_576);

/** A long stream of bytes that is never in memory as a whole: pieces on demand, and the checksum of what was handed out. */
export class ByteStream {
  /** Bytes not handed out yet. */
  left: number;
  private readonly hash: Hash = createHash('sha1');
  private at = 0;

  constructor(length: number) {
    this.left = length;
  }

  /** The next piece, `most` bytes at most; null at the end. The memory must not be written to. */
  next(most: number): Buffer | null {
    if (this.left === 0) return null;
    // An odd stride, so that no two pieces of a run are the same bytes.
    this.at = (this.at + 4_099) % (BLOCK.length / 2);
    const length = Math.min(most, this.left, BLOCK.length / 2);
    const piece = BLOCK.subarray(this.at, this.at + length);
    this.left -= length;
    this.hash.update(piece);
    return piece;
  }

  /** Checksum of everything handed out; ends the stream. */
  checksum(): string {
    return this.hash.digest('hex');
  }
}

/** Counts and checksums what arrives. */
export class ByteSum {
  length = 0;
  private readonly hash: Hash = createHash('sha1');

  add(piece: Buffer): void {
    this.length += piece.length;
    this.hash.update(piece);
  }

  /** Checksum of everything added; ends the sum. */
  checksum(): string {
    return this.hash.digest('hex');
  }
}
