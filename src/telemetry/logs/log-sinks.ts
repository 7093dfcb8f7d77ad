import sonicBoom, { type SonicBoom } from 'sonic-boom';
import type { LogRotation } from '../../config/resolved-config.ts';
import { createLogRings, LogRingWriter } from '../../shared-memory/log-ring.ts';
import { LogFile, logThreadBirth } from './log-file.ts';

/** Longest wait for a sink that takes nothing. */
const DRAIN_MS = 1_000;
const DRAIN_STEP_MS = 5;
/** Bytes that may wait for a terminal or pipe that takes nothing; lines beyond are dropped. */
const WAITING_BYTES = 8_388_608;

/** Where the lines of the application log go. Never blocks, never throws. */
export interface LogSink {
  write(line: string): void;
  /** Opens a file anew. */
  reopen(): void;
  /** Resolves with true when everything is written, with false when the sink fails or takes nothing for a second. */
  drained(): Promise<boolean>;
}

/** What a sink tells. */
export interface LogSinkOwner {
  /** Lines are lost, or go to stdout instead. Once, until `sinkRecovered`. */
  sinkFailed(code: string): void;
  /** It works again, without these lines. */
  sinkRecovered(lines: number): void;
}

/** Standard output or error. It knows whether it has written everything: `flushSync` leaves out what another thread is just writing. */
export class StreamSink implements LogSink {
  private readonly destination: SonicBoom;
  private waiting = false;
  private failing = false;
  /** Its reader is gone for good: every further write would only fail again. */
  private broken = false;
  private dropped = 0;
  private settled: ((isWritten: boolean) => void) | null = null;

  constructor(fd: 1 | 2, owner: LogSinkOwner) {
    this.destination = new sonicBoom.SonicBoom({ fd, sync: false, maxLength: WAITING_BYTES });
    this.destination.on('drop', () => this.dropped++);
    this.destination.on('drain', () => {
      this.settle(true);
      const { dropped } = this;
      this.dropped = 0;
      if (dropped > 0) owner.sinkRecovered(dropped);
    });
    this.destination.on('error', (error: NodeJS.ErrnoException) => {
      if (!this.failing) owner.sinkFailed(error.code ?? 'EUNKNOWN');
      this.broken = error.code === 'EPIPE';
      this.settle(false);
    });
  }

  write(line: string): void {
    if (this.broken) return;
    this.waiting = true;
    this.destination.write(line);
  }

  reopen(): void {
    // A stream is what it is.
  }

  async drained(): Promise<boolean> {
    if (this.failing || !this.waiting) return !this.failing;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.settled = resolve;
    const timer = setTimeout(() => resolve(false), DRAIN_MS);
    const isWritten = await promise;
    clearTimeout(timer);
    return isWritten;
  }

  private settle(isWritten: boolean): void {
    this.waiting = !isWritten;
    this.failing = !isWritten;
    this.settled?.(isWritten);
  }
}

/** A file, a pipe or a device, written by a thread of its own: opening and writing may block. */
export class FileSink implements LogSink {
  private readonly file: LogFile;
  private readonly ring: LogRingWriter;
  private failing = false;

  constructor(path: string, rotation: LogRotation, owner: LogSinkOwner) {
    const rings = createLogRings(1);
    this.ring = new LogRingWriter(rings, 0);
    this.file = new LogFile('application-log', logThreadBirth(rings, path, rotation), {
      logFellBack: (code) => owner.sinkFailed(code),
      logFailed: (code) => {
        this.failing = true;
        owner.sinkFailed(code);
      },
      logRecovered: (lines) => {
        this.failing = false;
        owner.sinkRecovered(lines);
      },
      logStopped: () => {
        this.failing = true;
        owner.sinkFailed('ESTOPPED');
      },
    });
  }

  write(line: string): void {
    this.ring.write(Buffer.from(line).latin1Slice());
  }

  reopen(): void {
    this.file.reopen();
  }

  async drained(): Promise<boolean> {
    this.file.hurry();
    for (const deadline = Date.now() + DRAIN_MS; !this.file.isEmpty && Date.now() < deadline;)
      await new Promise((resolve) => setTimeout(resolve, DRAIN_STEP_MS));
    return this.file.isEmpty && !this.failing;
  }
}
