import { Timer, TimerWheel } from '../../../../src/base/time/timer-wheel.ts';
import { measure } from '../../measure.ts';

const wheel = new TimerWheel(0);
const timer = new Timer({ timerExpired: () => undefined });
let now = 0;

measure('TimerWheel.arm for later than before (keep-alive)', () => wheel.arm(timer, 120_000, 1));
measure('TimerWheel.arm for sooner, then for later', () => {
  wheel.arm(timer, 1_000, 1);
  wheel.arm(timer, 120_000, 1);
});
measure('TimerWheel.advance by one tick', () => wheel.advance((now += 50)));
