import { holdBytes } from './buffered-bytes.ts';
import { READ_BYTES } from './wire.ts';

/** Memory of one read, with room for the parsers' sentinel behind it. */
export class ReadBuffer {
  readonly bytes: Buffer = Buffer.allocUnsafeSlow(READ_BYTES + 1);
  /** What the kernel may fill. */
  readonly window: Buffer = this.bytes.subarray(0, READ_BYTES);
  /** Writes in flight that point into the memory. */
  pins = 0;
  /** A wire reads into it. */
  attached = false;
}

/** Kept for reuse; more would only hold memory after a burst. */
const MAX_SPARE = 16;
const spare: ReadBuffer[] = [];
let outstanding = 0;
/** Bulk buffers of one thread; above it, reads are copied when they must be, so that memory is held by slow takers only. */
const MAX_BULK_BYTES = 16_777_216;

/** The one buffer that all wires without bulk data of this thread read into. Only the owner called right now may use it. */
export const SHARED: ReadBuffer = new ReadBuffer();

/** A buffer for one wire's bulk data, or the shared one when many have one already. */
export function attachReadBuffer(): ReadBuffer {
  if (outstanding >= MAX_BULK_BYTES) return SHARED;
  const buffer = spare.pop() ?? new ReadBuffer();
  buffer.attached = true;
  outstanding += READ_BYTES;
  holdBytes(READ_BYTES);
  return buffer;
}

/** The wire no longer reads into `buffer`; it is reused once no write points into it. */
export function detachReadBuffer(buffer: ReadBuffer): void {
  buffer.attached = false;
  recycle(buffer);
}

/** A write that pointed into `buffer` is over. */
export function unpin(buffer: ReadBuffer): void {
  buffer.pins--;
  if (!buffer.attached) recycle(buffer);
}

function recycle(buffer: ReadBuffer): void {
  if (buffer.pins > 0) return;
  outstanding -= READ_BYTES;
  holdBytes(-READ_BYTES);
  if (spare.length < MAX_SPARE) spare.push(buffer);
}
