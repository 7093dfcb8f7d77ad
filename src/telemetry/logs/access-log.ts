import type { AccessLogSettings } from '../../config/resolved-config.ts';
import type { LogRings } from '../../shared-memory/log-ring.ts';
import type { ApplicationLog } from './application-log.ts';
import { LogFile, type LogFileOwner, logThreadBirth } from './log-file.ts';

/** The access log as main sees it; workers write its lines into the rings. What goes wrong with it is told in the application log. */
export class AccessLog implements LogFileOwner {
  private readonly file: LogFile;
  private readonly path: string;
  private readonly log: ApplicationLog;

  constructor(rings: LogRings, { path, rotation }: AccessLogSettings, log: ApplicationLog) {
    this.path = path;
    this.log = log;
    this.file = new LogFile('access-log', logThreadBirth(rings, path, rotation), this);
  }

  /** Opens the file anew, after a rotation moved it away. */
  reopen(): void {
    this.file.reopen();
  }

  /**
   * Writes everything that waits and ends the thread.
   *
   * @returns false when it hangs on its file; what waits is lost then
   */
  async close(): Promise<boolean> {
    const ended = await this.file.close();
    if (!ended) this.log.error('the access log hangs; its last lines are lost');
    const lines = this.file.missing;
    if (lines > 0) this.log.warn('access-log lines were lost because their file was too slow or failed', { lines });
    return ended;
  }

  logFellBack(code: string): void {
    this.log.warn('the access log cannot be opened; its lines go to stdout', { path: this.path, code });
  }

  logFailed(code: string): void {
    this.log.error('the access log cannot be written; lines are lost', { path: this.path, code });
  }

  logRecovered(lines: number): void {
    this.log.warn('the access log is written again', { path: this.path, lines_lost: lines });
  }

  logStopped(error: Error): void {
    this.log.error('the access log stopped', { error: error.message });
  }
}
