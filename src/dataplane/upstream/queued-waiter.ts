import { Timer, type TimerOwner, type TimerWheel } from '../../base/time/timer-wheel.ts';
import type { LeaseWaiter } from '../exchange/upstream.ts';

/** A request that waits for a connection to come back. */
export class QueuedWaiter implements TimerOwner {
  readonly waiter: LeaseWaiter;
  private readonly wheel: TimerWheel;
  private readonly timer: Timer = new Timer(this);
  private readonly leave: () => void;

  /** @param leave takes it out of the queue */
  constructor(waiter: LeaseWaiter, wheel: TimerWheel, timeoutMs: number, leave: () => void) {
    this.waiter = waiter;
    this.wheel = wheel;
    this.leave = leave;
    wheel.arm(this.timer, timeoutMs, 0);
    waiter.leaseCancel = () => {
      this.settle();
      leave();
    };
  }

  /** The wait is over. */
  settle(): void {
    this.waiter.leaseCancel = null;
    this.wheel.remove(this.timer);
  }

  timerExpired(): void {
    this.settle();
    this.leave();
    this.waiter.leaseFailed('backend_pool_timeout');
  }
}
