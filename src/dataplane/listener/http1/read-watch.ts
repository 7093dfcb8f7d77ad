import type { ErrorCode } from '../../../base/errors/catalogue.ts';
import { Timer, type TimerOwner, type TimerWheel } from '../../../base/time/timer-wheel.ts';
import type { ListenerTimeouts } from '../../../config/resolved-config.ts';

/** Time before the minimum rate counts. */
const GRACE_MS = 5_000;
const CHECK_MS = 1_000;

/** Sees to it that a request body arrives: in its time, and not slower than the minimum rate while we are reading. */
export class ReadWatch implements TimerOwner {
  private readonly wheel: TimerWheel;
  private readonly timer: Timer = new Timer(this);
  private readonly timeouts: ListenerTimeouts;
  private readonly progress: { readonly received: number };
  private readonly failed: (code: ErrorCode) => void;
  private readonly startedMs: number;
  private pausedMs = 0;
  private pausedSince = -1;

  /** @param failed called once when the body is late */
  constructor(
    wheel: TimerWheel,
    timeouts: ListenerTimeouts,
    progress: { readonly received: number },
    failed: (code: ErrorCode) => void,
  ) {
    this.wheel = wheel;
    this.timeouts = timeouts;
    this.progress = progress;
    this.failed = failed;
    this.startedMs = wheel.nowMs;
    this.wait();
  }

  /** We stopped reading: the client is not to blame for the time that passes. */
  pause(nowMs: number): void {
    if (this.pausedSince < 0) this.pausedSince = nowMs;
  }

  /** We read again. */
  resume(nowMs: number): void {
    if (this.pausedSince < 0) return;
    this.pausedMs += nowMs - this.pausedSince;
    this.pausedSince = -1;
  }

  /** The body is complete, or its connection over. */
  stop(): void {
    this.wheel.remove(this.timer);
  }

  timerExpired(): void {
    const now = this.wheel.nowMs;
    const paused = this.pausedMs + (this.pausedSince < 0 ? 0 : now - this.pausedSince);
    const reading = now - this.startedMs - paused;
    const { requestReadMs, minimumBytesPerSecond } = this.timeouts;
    if (requestReadMs > 0 && reading >= requestReadMs) this.failed('request_timeout');
    else if (reading > GRACE_MS && (this.progress.received * 1000) / reading < minimumBytesPerSecond)
      this.failed('data_rate_too_low');
    else this.wait();
  }

  private wait(): void {
    const limit = this.timeouts.requestReadMs;
    this.wheel.arm(this.timer, limit > 0 ? Math.min(limit, CHECK_MS) : CHECK_MS, 0);
  }
}
