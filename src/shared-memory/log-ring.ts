import { LOG_RING_BYTES } from './regions.ts';

const HEADER_BYTES = 64;
const WRITTEN = 0;
const READ = 1;
const DROPPED = 2;
const LOST = 3;
/** Waking the log thread for every line would cost a system call each; it is woken when this much waits, and by its own timer. */
const WAKE_BYTES = 131_072;

/** The rings of one log, one per writing thread, and the word that wakes its log thread. */
export interface LogRings {
  readonly logRings: readonly SharedArrayBuffer[];
  readonly logWake: SharedArrayBuffer;
}

/** Rings of a log that `writers` threads write. */
export function createLogRings(writers: number): LogRings {
  const logRings = Array.from({ length: writers }, () => new SharedArrayBuffer(LOG_RING_BYTES + HEADER_BYTES));
  return { logRings, logWake: new SharedArrayBuffer(4) };
}

/**
 * A worker's end of its log ring: lines go in without a system call and without waiting. When the log thread is too slow, for
 * instance on a hanging disk, lines are dropped and counted; traffic never stops.
 */
export class LogRingWriter {
  private readonly header: Int32Array;
  private readonly bytes: Buffer;
  private readonly wake: Int32Array;
  private written: number;

  /** @param writer index of the ring; no other living thread writes it */
  constructor(regions: LogRings, writer: number) {
    const ring = regions.logRings[writer] as SharedArrayBuffer;
    this.header = new Int32Array(ring, 0, HEADER_BYTES / 4);
    this.bytes = Buffer.from(ring, HEADER_BYTES, LOG_RING_BYTES);
    this.wake = new Int32Array(regions.logWake);
    this.written = Atomics.load(this.header, WRITTEN);
  }

  /** Appends one line, its line end included, as latin1 text of its bytes; false when it was dropped. */
  write(line: string): boolean {
    const length = line.length;
    const waiting = (this.written - Atomics.load(this.header, READ)) | 0;
    if (length > LOG_RING_BYTES - waiting) {
      Atomics.add(this.header, DROPPED, 1);
      return false;
    }
    const at = this.written & (LOG_RING_BYTES - 1);
    const room = LOG_RING_BYTES - at;
    if (length <= room) {
      this.bytes.latin1Write(line, at, length);
    } else {
      this.bytes.latin1Write(line.slice(0, room), at, room);
      this.bytes.latin1Write(line.slice(room), 0, length - room);
    }
    this.written = (this.written + length) | 0;
    Atomics.store(this.header, WRITTEN, this.written);
    if (waiting < WAKE_BYTES && waiting + length >= WAKE_BYTES) wakeLogThread(this.wake);
    return true;
  }
}

/** The log thread's end of a ring. */
export class LogRingReader {
  private readonly header: Int32Array;
  private readonly bytes: Buffer;

  constructor(ring: SharedArrayBuffer) {
    this.header = new Int32Array(ring, 0, HEADER_BYTES / 4);
    this.bytes = Buffer.from(ring, HEADER_BYTES, LOG_RING_BYTES);
  }

  /** The unread bytes up to the ring's end, without a copy; empty when there are none. Whole lines unless the ring wraps. */
  peek(): Buffer {
    const read = Atomics.load(this.header, READ);
    const waiting = (Atomics.load(this.header, WRITTEN) - read) | 0;
    const at = read & (LOG_RING_BYTES - 1);
    return this.bytes.subarray(at, Math.min(at + waiting, LOG_RING_BYTES));
  }

  /** Gives `length` bytes that were peeked back to the writer. */
  release(length: number): void {
    Atomics.add(this.header, READ, length);
  }

  /** Counts lines that were taken out of the ring and could not be written. */
  addLost(lines: number): void {
    Atomics.add(this.header, LOST, lines);
  }

  /** Lines dropped so far because the ring was full. */
  get dropped(): number {
    return Atomics.load(this.header, DROPPED);
  }

  /** Lines lost so far because writing failed. */
  get lost(): number {
    return Atomics.load(this.header, LOST);
  }

  /** Nothing waits. */
  get isEmpty(): boolean {
    return Atomics.load(this.header, READ) === Atomics.load(this.header, WRITTEN);
  }
}

/** Wakes the log thread now. */
export function wakeLogThread(wake: Int32Array): void {
  Atomics.add(wake, 0, 1);
  Atomics.notify(wake, 0);
}

/** Blocks the log thread until it is woken or `timeoutMs` passed; for the log thread only. */
export function waitForLines(wake: Int32Array, seen: number, timeoutMs: number): number {
  Atomics.wait(wake, 0, seen, timeoutMs);
  return Atomics.load(wake, 0);
}

/** The wake-up word of the rings. */
export function logWakeWord(regions: LogRings): Int32Array {
  return new Int32Array(regions.logWake);
}

/** A word that nobody wakes, for a thread that must pause by itself. */
export function pauseWord(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}
