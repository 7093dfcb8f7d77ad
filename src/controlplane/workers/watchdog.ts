import { Heartbeats, steadyMs } from '../../shared-memory/heartbeats.ts';
import type { Regions } from '../../shared-memory/regions.ts';
import type { ApplicationLog } from '../../telemetry/logs/application-log.ts';
import type { StackFrame } from './stack-capture.ts';
import type { WorkerThread } from './worker-thread.ts';

const CHECK_MS = 500;
/** A worker without a sign of life for this long is spinning or stuck. */
const SILENT_MS = 3_000;
/** A check this late means that the whole process stood still (SIGSTOP, a paused machine): silence proves nothing then. */
const LATE_MS = 1_000;

/** What the watchdog watches. */
export interface WatchedFleet {
  readonly threads: readonly WorkerThread[];
  replaceSilent(thread: WorkerThread): Promise<void>;
}

/** Finds workers that stopped beating, takes their stack, and has them replaced. */
export class Watchdog {
  private readonly fleet: WatchedFleet;
  private readonly heartbeats: Heartbeats;
  private readonly log: ApplicationLog;
  private timer: NodeJS.Timeout | null = null;
  private checkedMs = 0;
  private trustedFromMs = 0;
  private readonly handled: WeakSet<WorkerThread> = new WeakSet();

  constructor(fleet: WatchedFleet, regions: Regions, log: ApplicationLog) {
    this.fleet = fleet;
    this.heartbeats = new Heartbeats(regions);
    this.log = log;
  }

  /** Begins to watch. */
  start(): void {
    this.checkedMs = steadyMs();
    this.timer = setInterval(() => this.check(), CHECK_MS);
    this.timer.unref();
  }

  /** Stops watching. */
  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  private check(): void {
    const now = steadyMs();
    if (now - this.checkedMs > CHECK_MS + LATE_MS) this.trustedFromMs = now + SILENT_MS;
    this.checkedMs = now;
    if (now < this.trustedFromMs) return;
    for (const thread of this.fleet.threads) {
      const age = this.heartbeats.ageMs(thread.row, now);
      if (age === null || age < SILENT_MS || this.handled.has(thread)) continue;
      this.handled.add(thread);
      void this.report(thread, age);
    }
  }

  private async report(thread: WorkerThread, ageMs: number): Promise<void> {
    const stack = await stackOf(thread.threadId);
    this.log.error('a worker does not respond', {
      worker: thread.ordinal,
      silent_ms: ageMs,
      blocking_function: stack === null ? 'unknown' : (stack[0]?.functionName ?? 'unknown (a native call)'),
      stack: (stack ?? []).map((frame) => `${frame.functionName} (${frame.url}:${frame.line})`),
    });
    await this.fleet.replaceSilent(thread);
  }
}

/** Null when it cannot be taken: without an inspector, or when the program is gone from the disk. The worker is replaced all the same. */
async function stackOf(threadId: number): Promise<readonly StackFrame[] | null> {
  try {
    const { captureStack } = await import('./stack-capture.ts');
    return await captureStack(threadId);
  } catch {
    return null;
  }
}
