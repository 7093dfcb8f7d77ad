import { Timer, type TimerOwner, type TimerWheel } from '../../../base/time/timer-wheel.ts';
import type { Wire } from '../../wire/wire.ts';

/**
 * Sees to it that a client takes its answer: a whole timeout without any progress ends it. Progress is what the kernel takes,
 * and it takes in steps of its send buffer: a client slower than about a third of that buffer per timeout looks like a silent
 * one, as it does to every server that is told of writability only.
 */
export class WriteGuard implements TimerOwner {
  private readonly wire: Wire;
  private readonly wheel: TimerWheel;
  /** 0 = nothing is guarded; takes effect with the next write that is not taken. */
  timeoutMs: number;
  private readonly late: () => void;
  private readonly timer: Timer = new Timer(this);
  private unsent = 0;

  /** @param late called once per silent timeout */
  constructor(wire: Wire, wheel: TimerWheel, timeoutMs: number, late: () => void) {
    this.wire = wire;
    this.wheel = wheel;
    this.timeoutMs = timeoutMs;
    this.late = late;
  }

  /** The kernel did not take everything. */
  blocked(): void {
    this.unsent = this.wire.pendingBytes;
    this.wheel.arm(this.timer, this.timeoutMs, 0);
  }

  /** It took everything. */
  drained(): void {
    this.wheel.disarm(this.timer);
  }

  /** Nothing is guarded any more. */
  stop(): void {
    this.wheel.remove(this.timer);
  }

  timerExpired(): void {
    if (this.wire.pendingBytes < this.unsent) this.blocked();
    else this.late();
  }
}
