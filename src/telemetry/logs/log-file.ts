import { Worker } from 'node:worker_threads';
import type { LogRotation } from '../../config/resolved-config.ts';
import { type LogRings, LogRingReader, logWakeWord, wakeLogThread } from '../../shared-memory/log-ring.ts';
import type { FromLogThread, LogThreadBirth, ToLogThread } from './log-thread.ts';

const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './log-thread.ts' : './log-thread.js', import.meta.url);
/** A log thread that hangs on its disk is left behind after this long. */
const CLOSE_WAIT_MS = 2_000;

/** What goes wrong with a log's file. Nothing of it stops anything. */
export interface LogFileOwner {
  /** It cannot be opened: lines go to stdout. */
  logFellBack(code: string): void;
  /** It cannot be written: lines are lost from now on. */
  logFailed(code: string): void;
  /** It can be written again, without these lines. */
  logRecovered(lines: number): void;
  /** Its thread ended. */
  logStopped(error: Error): void;
}

/** A log's file as main sees it: a thread of its own, which may block while everything else goes on. */
export class LogFile {
  private readonly worker: Worker;
  private readonly readers: readonly LogRingReader[];
  private readonly wake: Int32Array;
  private readonly owner: LogFileOwner;
  private closed: ((ended: boolean) => void) | null = null;

  /** @param name of the thread, for whoever looks at them */
  constructor(name: string, birth: LogThreadBirth, owner: LogFileOwner) {
    this.worker = new Worker(ENTRY, {
      name,
      workerData: birth,
      resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 },
    });
    this.readers = birth.rings.logRings.map((ring) => new LogRingReader(ring));
    this.wake = logWakeWord(birth.rings);
    this.owner = owner;
    this.worker.on('message', (message: FromLogThread) => this.receive(message));
    this.worker.on('error', (error: Error) => owner.logStopped(error));
    // Only now: a listener for messages holds the program again.
    this.worker.unref();
  }

  /** Lines that never reached the file: their ring was full, or writing failed. */
  get missing(): number {
    return this.readers.reduce((sum, ring) => sum + ring.dropped + ring.lost, 0);
  }

  /** Everything given so far was written, or given up. */
  get isEmpty(): boolean {
    return this.readers.every((ring) => ring.isEmpty);
  }

  /** Opens the file anew, after a rotation moved it away. */
  reopen(): void {
    this.order({ type: 'reopen' });
  }

  /** Writes what waits without waiting for more. */
  hurry(): void {
    wakeLogThread(this.wake);
  }

  /**
   * Writes everything that waits and ends the thread.
   *
   * @returns false when it hangs on its file; what waits is lost then
   */
  async close(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.closed = resolve;
    this.order({ type: 'close' });
    const timer = setTimeout(() => resolve(false), CLOSE_WAIT_MS);
    const ended = await promise;
    clearTimeout(timer);
    return ended;
  }

  private order(order: ToLogThread): void {
    this.worker.postMessage(order);
    this.hurry();
  }

  private receive(message: FromLogThread): void {
    if (message.type === 'closed') this.closed?.(true);
    else if (message.type === 'fallback') this.owner.logFellBack(message.code);
    else if (message.type === 'writeFailed') this.owner.logFailed(message.code);
    else this.owner.logRecovered(message.lines);
  }
}

/** The thread's birth, for rings that someone else made. */
export function logThreadBirth(rings: LogRings, path: string, rotation: LogRotation): LogThreadBirth {
  return { rings: { logRings: rings.logRings, logWake: rings.logWake }, path, rotation };
}
