import { HEAD_OPEN, HeadBuffer } from '../../../base/http1/head-buffer.ts';
import { holdBytes } from '../../wire/buffered-bytes.ts';

/** Bytes of a connection that wait: the beginning of a head, or requests behind the one that runs. Counted in the byte budget. */
export class Stash {
  private buffer: HeadBuffer | null = null;
  private counted = 0;

  get empty(): boolean {
    return this.buffer === null;
  }

  get length(): number {
    return this.buffer === null ? 0 : this.buffer.length;
  }

  /** Copies `bytes[start, end)` behind what waits. */
  add(bytes: Buffer, start: number, end: number): void {
    const buffer = (this.buffer ??= new HeadBuffer(end - start));
    buffer.append(bytes, start, end);
    this.count(buffer.bytes.length);
  }

  /** Whether a head is not yet complete, as far as can be told without parsing it. */
  headIsOpen(): boolean {
    return this.buffer !== null && this.buffer.scan() === HEAD_OPEN;
  }

  /** Takes everything out; `bytes` has room for a sentinel behind `length`. */
  take(): { readonly bytes: Buffer; readonly length: number } | null {
    const taken = this.buffer;
    this.clear();
    return taken;
  }

  /** Forgets everything. */
  clear(): void {
    this.buffer = null;
    this.count(0);
  }

  private count(bytes: number): void {
    if (bytes === this.counted) return;
    holdBytes(bytes - this.counted);
    this.counted = bytes;
  }
}
