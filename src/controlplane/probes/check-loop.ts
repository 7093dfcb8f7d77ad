import { formatDuration } from '../../base/time/duration.ts';
import type { CheckLanes } from './check-lanes.ts';
import { type CheckChange, CheckState, type CheckThresholds } from './check-state.ts';
import type { Check, CheckOutcome } from './check.ts';

/** Two checks of one target are at least this share of the interval apart, and at most the interval. */
const CLOSEST = 0.9;
/** Wait after a first failure; doubled for each further one up to the interval, until a check passes. */
const FIRST_RETRY_MS = 1_000;
/** A check that took this long takes no place from quick ones the next time. */
const SLOW_MS = 500;

/** How often a target is checked, and what that makes of it. */
export interface CheckSchedule extends CheckThresholds {
  readonly intervalMs: number;
  readonly initiallyHealthy: boolean;
}

/** Who a loop works for. */
export interface CheckLoopOwner {
  /** A check ended and is counted. */
  checkEnded(loop: CheckLoop, outcome: CheckOutcome, change: CheckChange): void;
}

/** What loops share. */
export interface CheckLoopContext {
  readonly lanes: CheckLanes;
  /** 0 to 1; spreads checks over time. */
  readonly random: () => number;
}

/** Checks one target again and again: at once when it starts, never twice at a time, never in step with others. */
export class CheckLoop {
  readonly state: CheckState;
  last: CheckOutcome | null = null;
  /** Wall clock of the last check's end, ms; 0 = none has ended. */
  lastAtMs = 0;
  private readonly check: Check;
  private readonly schedule: CheckSchedule;
  private readonly owner: CheckLoopOwner;
  private readonly context: CheckLoopContext;
  private readonly firstEnd: PromiseWithResolvers<void> = Promise.withResolvers();
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;
  private isSpread = false;

  constructor(check: Check, schedule: CheckSchedule, owner: CheckLoopOwner, context: CheckLoopContext) {
    this.check = check;
    this.schedule = schedule;
    this.owner = owner;
    this.context = context;
    this.state = new CheckState(schedule, schedule.initiallyHealthy);
  }

  /** Settled when the first check ended, or the loop was stopped. */
  get decided(): Promise<void> {
    return this.firstEnd.promise;
  }

  /** Begins with a check now. */
  start(): void {
    void this.run();
  }

  /** No more checks; nobody hears of one that is under way. */
  stop(): void {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.firstEnd.resolve();
  }

  private async run(): Promise<void> {
    const isSlow = this.last !== null && this.last.durationMs >= SLOW_MS;
    const outcome = await this.context.lanes.run(() => (this.stopped ? ABANDONED : this.check()), isSlow);
    if (this.stopped) return;
    this.last = outcome;
    this.lastAtMs = Date.now();
    const change = this.state.record(outcome.failure === null);
    this.timer = setTimeout(() => void this.run(), Math.max(0, this.pauseMs() - outcome.durationMs)).unref();
    this.owner.checkEnded(this, outcome, change);
    this.firstEnd.resolve();
  }

  /** From the begin of one check to that of the next. */
  private pauseMs(): number {
    const { intervalMs } = this.schedule;
    const { random } = this.context;
    const { hasPassed, consecutiveFailures } = this.state;
    if (!hasPassed)
      return (
        Math.min(intervalMs, FIRST_RETRY_MS * 2 ** (consecutiveFailures - 1)) * (CLOSEST + (1 - CLOSEST) * random())
      );
    if (this.isSpread) return intervalMs * (CLOSEST + (1 - CLOSEST) * random());
    // All targets of a configuration begin at once; from the second check on they are spread over the interval.
    this.isSpread = true;
    return intervalMs * random();
  }
}

/** Nobody waits for it. */
const ABANDONED: Promise<CheckOutcome> = Promise.resolve({ failure: null, status: 0, detail: null, durationMs: 0 });

/** Milliseconds of a check as endpoints show them: `3ms`, `1.2s`; at least `1ms`. */
export function durationText(durationMs: number): string {
  return formatDuration(Math.max(1, durationMs));
}
