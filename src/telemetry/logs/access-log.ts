import { Worker } from 'node:worker_threads';
import type { Regions } from '../../shared-memory/regions.ts';
import type { ApplicationLog } from './application-log.ts';
import type { FromLogThread, LogThreadBirth, ToLogThread } from './log-thread.ts';

const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './log-thread.ts' : './log-thread.js', import.meta.url);
/** A log thread that hangs on its disk is left behind after this long. */
const CLOSE_WAIT_MS = 2_000;

/** The access log as main sees it: a thread of its own, which may block while everything else goes on. */
export class AccessLog {
  private readonly worker: Worker;
  private readonly log: ApplicationLog;
  private closed: ((ended: boolean) => void) | null = null;

  constructor(regions: Regions, path: string, log: ApplicationLog) {
    this.worker = new Worker(ENTRY, {
      name: 'access-log',
      workerData: { regions, path } satisfies LogThreadBirth,
      resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 },
    });
    this.worker.unref();
    this.log = log;
    this.worker.on('message', (message: FromLogThread) => this.receive(message));
    this.worker.on('error', (error: Error) => log.error('the access log stopped', { error: error.message }));
  }

  /** Opens the file anew, after a rotation moved it away. */
  reopen(): void {
    this.worker.postMessage({ type: 'reopen' } satisfies ToLogThread);
  }

  /**
   * Writes everything that waits and ends the thread.
   *
   * @returns false when it hangs on its file; what waits is lost then
   */
  async close(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.closed = resolve;
    this.worker.postMessage({ type: 'close' } satisfies ToLogThread);
    const timer = setTimeout(() => resolve(false), CLOSE_WAIT_MS);
    const ended = await promise;
    clearTimeout(timer);
    if (!ended) this.log.error('the access log hangs; its last lines are lost');
    return ended;
  }

  private receive(message: FromLogThread): void {
    const { log } = this;
    if (message.type === 'closed') {
      if (message.dropped > 0)
        log.warn('access-log lines were dropped because their file was too slow', { lines: message.dropped });
      this.closed?.(true);
    } else if (message.type === 'fallback') {
      log.warn('the access log cannot be opened; its lines go to stdout', { path: message.path, code: message.code });
    } else if (message.type === 'writeFailed') {
      log.error('the access log cannot be written; lines are lost', { code: message.code });
    }
  }
}
