import { Timer, type TimerOwner, type TimerWheel } from '../../base/time/timer-wheel.ts';
import type { ErrorCode } from '../../base/errors/catalogue.ts';
import type { Exchange } from '../exchange/exchange.ts';

/** Ends an exchange that takes longer than its route allows (`request_timeout`). */
export class RouteTimeout implements TimerOwner {
  private readonly timer: Timer = new Timer(this);
  private readonly wheel: TimerWheel;
  private readonly exchange: Exchange;
  private readonly fail: (exchange: Exchange, code: ErrorCode) => void;

  /** Starts to wait. */
  constructor(wheel: TimerWheel, exchange: Exchange, limitMs: number, fail: RouteTimeout['fail']) {
    this.wheel = wheel;
    this.exchange = exchange;
    this.fail = fail;
    wheel.arm(this.timer, limitMs, 0);
  }

  /** Waits no longer: the exchange is over, or has become a tunnel. */
  cancel(): void {
    this.wheel.remove(this.timer);
  }

  timerExpired(): void {
    this.fail(this.exchange, 'route_timeout');
  }
}
