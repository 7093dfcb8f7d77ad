import type { ApplicationLogSettings, LogLevel } from '../../config/resolved-config.ts';
import { createEntry, isWritten, type LogEntry, type LogValues } from './log-entry.ts';

/** Entries that one worker writes in a second; more would keep the main thread from everything else. */
const ENTRIES_PER_SECOND = 1_000;
const SECOND_MS = 1_000;

/**
 * The application log as a worker sees it. Entries of one turn of the event loop go to the main thread together. Beyond
 * {@link ENTRIES_PER_SECOND} they are left out and counted, and the number is told: a burst of failures must not slow the proxy down.
 */
export class WorkerLog {
  private readonly settings: ApplicationLogSettings;
  private readonly send: (entries: readonly LogEntry[]) => void;
  private waiting: LogEntry[] = [];
  private secondMs = 0;
  private written = 0;
  private leftOut = 0;

  /** @param send posts entries to the main thread */
  constructor(settings: ApplicationLogSettings, send: (entries: readonly LogEntry[]) => void) {
    this.settings = settings;
    this.send = send;
  }

  /** Whether entries of `level` are written at all; saves whoever asks the making of their values. */
  writes(level: LogLevel): boolean {
    return isWritten(level, this.settings.level);
  }

  /** Takes an entry. */
  write(level: LogLevel, message: string, values: LogValues): void {
    if (!this.writes(level) || !this.mayWrite()) return;
    this.push(createEntry(this.settings, level, [message, values], 1));
  }

  private mayWrite(): boolean {
    const nowMs = Date.now();
    if (nowMs - this.secondMs >= SECOND_MS || nowMs < this.secondMs) this.beginSecond(nowMs);
    if (this.written++ < ENTRIES_PER_SECOND) return true;
    this.leftOut++;
    return false;
  }

  private beginSecond(nowMs: number): void {
    const lines = this.leftOut;
    this.secondMs = nowMs;
    this.written = 0;
    this.leftOut = 0;
    if (lines > 0) {
      const values = { lines, limit_per_second: ENTRIES_PER_SECOND };
      this.push({ timeMs: nowMs, level: 'warn', message: 'log lines were left out', values, caller: null });
    }
  }

  private push(entry: LogEntry): void {
    if (this.waiting.push(entry) === 1) setImmediate(() => this.flush());
  }

  private flush(): void {
    const entries = this.waiting;
    this.waiting = [];
    this.send(entries);
  }
}
