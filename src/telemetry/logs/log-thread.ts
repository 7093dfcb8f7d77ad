import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { collectStartupGarbage } from '../../base/startup-garbage.ts';
import type { LogRotation } from '../../config/resolved-config.ts';
import { type LogRings, LogRingReader, logWakeWord, pauseWord, waitForLines } from '../../shared-memory/log-ring.ts';
import { RotatingFile } from './rotating-file.ts';

/** What the log thread is born with. */
export interface LogThreadBirth {
  readonly rings: LogRings;
  /** A file path or `stdout`. */
  readonly path: string;
  readonly rotation: LogRotation;
}

/** Main to log thread. */
export type ToLogThread = { readonly type: 'reopen' } | { readonly type: 'close' };

/** Log thread to main. */
export type FromLogThread =
  /** The file cannot be opened; lines go to stdout. */
  | { readonly type: 'fallback'; readonly code: string }
  /** Writing failed, and did not before. */
  | { readonly type: 'writeFailed'; readonly code: string }
  /** It works again; `lines` could not be written. */
  | { readonly type: 'recovered'; readonly lines: number }
  | { readonly type: 'closed' };

const NEWLINE = 0x0a;
const FLUSH_MS = 200;
/** A pipe that is full is asked again after this long. */
const AGAIN_MS = 20;
/** Longest wait at the end for a pipe that takes nothing. */
const LAST_WAIT_MS = 500;
const NO_ROTATION: LogRotation = { maxBytes: 0, keep: 1 };
/** A pipe that is full or that nobody reads from: lines stay in their ring until it takes them, or until the ring is full. */
const LATER: ReadonlySet<string> = new Set(['EAGAIN', 'EPIPE', 'ENXIO']);

/**
 * Writes the lines of a log's rings. It may block as long as the disk does: nobody waits for it. Lines of one ring keep their
 * order; what a failed write carried is given up, counted and told once.
 */
class LogThread {
  private readonly port: NonNullable<typeof parentPort>;
  private readonly birth: LogThreadBirth;
  private readonly rings: readonly LogRingReader[];
  private readonly wake: Int32Array;
  /** Null while it is a pipe that nobody reads from. */
  private file: RotatingFile | null;
  /** Ring that is being written: its last line may be incomplete when the file takes no more. */
  private current = 0;
  /** Rings whose next bytes are the rest of a line that was given up. */
  private readonly torn: Set<LogRingReader> = new Set();
  /** The file ends in the beginning of a line that was given up. */
  private mustEndLine = false;
  private readonly pause: Int32Array = pauseWord();
  /** Lines lost since writing began to fail; null while it works. */
  private failing: number | null = null;

  constructor(birth: LogThreadBirth, port: NonNullable<typeof parentPort>) {
    this.port = port;
    this.birth = birth;
    this.rings = birth.rings.logRings.map((ring) => new LogRingReader(ring));
    this.wake = logWakeWord(birth.rings);
    this.file = this.open();
  }

  /** Runs until told to close. */
  run(): void {
    let seen = 0;
    let isBlocked = false;
    for (;;) {
      seen = waitForLines(this.wake, seen, isBlocked ? AGAIN_MS : FLUSH_MS);
      const order = receiveMessageOnPort(this.port);
      this.file ??= this.open();
      isBlocked = !this.drain();
      if (typeOf(order) === 'reopen') this.reopen();
      if (typeOf(order) === 'close') break;
    }
    this.drainLast();
    this.file?.close();
    this.tell({ type: 'closed' });
  }

  /** Writes what waits in all rings; false when the file takes no more for now. */
  private drain(): boolean {
    for (let done = 0; done < this.rings.length; done++) {
      const ring = this.rings[this.current] as LogRingReader;
      for (let bytes = ring.peek(); bytes.length > 0; bytes = ring.peek()) {
        if (this.torn.has(ring)) this.skipRest(ring, bytes);
        else if (!this.write(ring, bytes)) return false;
      }
      this.current = (this.current + 1) % this.rings.length;
    }
    return true;
  }

  private drainLast(): void {
    for (let waited = 0; !this.drain() && waited < LAST_WAIT_MS; waited += AGAIN_MS)
      waitForLines(this.pause, 0, AGAIN_MS);
    for (const ring of this.rings) {
      for (let bytes = ring.peek(); bytes.length > 0; bytes = ring.peek()) this.giveUp(ring, bytes);
    }
  }

  /** Writes bytes and takes them out of their ring; false when the file takes no more for now. */
  private write(ring: LogRingReader, bytes: Buffer): boolean {
    if (this.file === null) return false;
    let at = 0;
    try {
      if (this.mustEndLine) this.file.endLine();
      this.mustEndLine = false;
      while (at < bytes.length) at += this.file.write(bytes, at);
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'EAGAIN') this.failed(code);
      ring.release(at);
      if (LATER.has(code)) return false;
      this.mustEndLine = true;
      this.giveUp(ring, bytes.subarray(at));
      return true;
    }
    ring.release(bytes.length);
    this.recovered();
    return true;
  }

  private failed(code: string): void {
    if (this.failing !== null) return;
    this.failing = 0;
    this.tell({ type: 'writeFailed', code });
  }

  /** Takes lines out of their ring unwritten. */
  private giveUp(ring: LogRingReader, bytes: Buffer): void {
    let lines = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
    if (bytes.at(-1) !== NEWLINE) {
      this.torn.add(ring);
      lines++;
    }
    ring.addLost(lines);
    this.failing = (this.failing ?? 0) + lines;
    ring.release(bytes.length);
  }

  /** The rest of a line whose beginning was given up must not stand as a line of its own. */
  private skipRest(ring: LogRingReader, bytes: Buffer): void {
    const end = bytes.indexOf(NEWLINE);
    if (end >= 0) this.torn.delete(ring);
    ring.release(end < 0 ? bytes.length : end + 1);
  }

  private recovered(): void {
    if (this.failing === null) return;
    this.tell({ type: 'recovered', lines: this.failing });
    this.failing = null;
  }

  private open(): RotatingFile | null {
    const { path, rotation } = this.birth;
    try {
      return new RotatingFile(path, rotation);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENXIO') {
        this.failed(code);
        return null;
      }
      this.tell({ type: 'fallback', code });
      return new RotatingFile('stdout', NO_ROTATION);
    }
  }

  private reopen(): void {
    const before = this.file;
    this.file = this.open();
    before?.close();
  }

  private tell(message: FromLogThread): void {
    this.port.postMessage(message);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
}

function typeOf(order: { message: unknown } | undefined): ToLogThread['type'] | null {
  return order === undefined ? null : (order.message as ToLogThread).type;
}

if (parentPort !== null) {
  collectStartupGarbage();
  new LogThread(workerData as LogThreadBirth, parentPort).run();
}
