const CR = 0x0d;
const LF = 0x0a;

/** Nothing found yet. */
export const HEAD_OPEN = 0;
/** The blank line is there: the head can be parsed. */
export const HEAD_COMPLETE = 1;
/** A bare CR, a bare LF or a NUL: refused before the rest arrives. */
export const HEAD_BROKEN = 2;

/**
 * Collects a head that arrives in pieces. Bytes are copied once and the search for the end resumes where it stopped: a head of
 * 64 KiB sent byte by byte costs 64 Ki steps, where searching anew each time costs half a second (DESIGN.md 5).
 */
export class HeadBuffer {
  /** The collected bytes, with room for a sentinel behind `length`. */
  bytes: Buffer;
  length = 0;
  private scanned = 0;
  private lineLength = 0;
  private afterCr = false;

  constructor(firstSize = 2048) {
    this.bytes = Buffer.allocUnsafeSlow(firstSize + 1);
  }

  /** Copies `source[start, end)` behind what is there. */
  append(source: Buffer, start: number, end: number): void {
    const needed = this.length + end - start + 1;
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    source.copy(this.bytes, this.length, start, end);
    this.length += end - start;
  }

  /** Looks at the bytes that no earlier call has seen; one of the HEAD_* numbers. An empty first line is not an end. */
  scan(): number {
    const bytes = this.bytes;
    for (; this.scanned < this.length; this.scanned++) {
      const byte = bytes[this.scanned] as number;
      if (this.afterCr) {
        if (byte !== LF) return HEAD_BROKEN;
        this.afterCr = false;
        if (this.lineLength === 0 && this.scanned > 2) {
          this.scanned++;
          return HEAD_COMPLETE;
        }
        this.lineLength = 0;
      } else if (byte === CR) {
        this.afterCr = true;
      } else if (byte === LF || byte === 0) {
        return HEAD_BROKEN;
      } else {
        this.lineLength++;
      }
    }
    return HEAD_OPEN;
  }
}
