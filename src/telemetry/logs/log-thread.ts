import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { LogRingReader, logWakeWord, pauseWord, waitForLines } from '../../shared-memory/log-ring.ts';
import type { Regions } from '../../shared-memory/regions.ts';

/** What the log thread is born with. */
export interface LogThreadBirth {
  readonly regions: Regions;
  /** A file path or `stdout`. */
  readonly path: string;
}

/** Main to log thread. */
export type ToLogThread = { readonly type: 'reopen' } | { readonly type: 'close' };

/** Log thread to main. */
export type FromLogThread =
  | { readonly type: 'opened'; readonly path: string }
  | { readonly type: 'fallback'; readonly path: string; readonly code: string }
  | { readonly type: 'writeFailed'; readonly code: string }
  | { readonly type: 'closed'; readonly dropped: number };

const STDOUT = 1;
const FLUSH_MS = 200;
const FILE_MODE = 0o640;
/** A pipe whose reader is slow is asked again after this long, at most so often; then the lines are given up. */
const AGAIN_MS = 20;
const AGAIN_TIMES = 100;

/**
 * Writes the access-log lines of all workers. It may block as long as the disk or the pipe does: nobody waits for it. Lines of
 * one worker keep their order; a failed write is counted and told once, and what it carried is given up.
 */
class LogThread {
  private readonly port: NonNullable<typeof parentPort>;
  private readonly birth: LogThreadBirth;
  private readonly rings: readonly LogRingReader[];
  private readonly wake: Int32Array;
  private readonly pause: Int32Array = pauseWord();
  private fd: number;
  private failing = false;

  constructor(birth: LogThreadBirth, port: NonNullable<typeof parentPort>) {
    this.port = port;
    this.birth = birth;
    this.rings = birth.regions.logRings.map((ring) => new LogRingReader(ring));
    this.wake = logWakeWord(birth.regions);
    this.fd = this.open();
  }

  /** Runs until told to close. */
  run(): void {
    let seen = 0;
    for (;;) {
      seen = waitForLines(this.wake, seen, FLUSH_MS);
      const order = receiveMessageOnPort(this.port);
      this.drain();
      if (typeOf(order) === 'reopen') this.reopen();
      if (typeOf(order) === 'close') break;
    }
    const dropped = this.rings.reduce((sum, ring) => sum + ring.dropped, 0);
    if (this.fd !== STDOUT) closeSync(this.fd);
    this.port.postMessage({ type: 'closed', dropped } satisfies FromLogThread);
  }

  private drain(): void {
    for (const ring of this.rings) {
      for (let bytes = ring.peek(); bytes.length > 0; bytes = ring.peek()) {
        this.write(bytes);
        ring.release(bytes.length);
      }
    }
  }

  private write(bytes: Buffer): void {
    let at = 0;
    let again = 0;
    while (at < bytes.length) {
      try {
        at += writeSync(this.fd, bytes, at, bytes.length - at);
        this.failing = false;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
        if (code === 'EAGAIN' && again++ < AGAIN_TIMES) {
          waitForLines(this.pause, 0, AGAIN_MS);
          continue;
        }
        if (!this.failing) this.port.postMessage({ type: 'writeFailed', code } satisfies FromLogThread);
        this.failing = true;
        return;
      }
    }
  }

  private open(): number {
    const { path } = this.birth;
    if (path === 'stdout') return STDOUT;
    try {
      mkdirSync(dirname(path), { recursive: true });
      const fd = openSync(path, 'a', FILE_MODE);
      this.port.postMessage({ type: 'opened', path } satisfies FromLogThread);
      return fd;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
      this.port.postMessage({ type: 'fallback', path, code } satisfies FromLogThread);
      return STDOUT;
    }
  }

  private reopen(): void {
    const before = this.fd;
    this.fd = this.open();
    if (before === STDOUT) return;
    fsyncSync(before);
    closeSync(before);
  }
}

function typeOf(order: { message: unknown } | undefined): ToLogThread['type'] | null {
  return order === undefined ? null : (order.message as ToLogThread).type;
}

if (parentPort !== null) new LogThread(workerData as LogThreadBirth, parentPort).run();
