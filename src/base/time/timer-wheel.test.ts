import assert from 'node:assert/strict';
import test from 'node:test';

import { TICK_MS, Timer, TimerWheel } from './timer-wheel.ts';

/** Time of one round of the wheel. */
const ROUND_MS = 512 * TICK_MS;
const START_MS = 1_234_567;

/** A wheel on a clock that only the test moves, and the expiries in their order. */
class Bench {
  readonly wheel: TimerWheel = new TimerWheel(START_MS);
  readonly expired: { name: string; purpose: number; atMs: number }[] = [];

  timer(name: string, then: (timer: Timer) => void = () => undefined): Timer {
    return new Timer({
      timerExpired: (timer) => {
        this.expired.push({ name, purpose: timer.purpose, atMs: this.wheel.nowMs - START_MS });
        then(timer);
      },
    });
  }

  /** Moves the clock on in steps of `stepMs` until `untilMs` behind the start. */
  run(untilMs: number, stepMs: number = TICK_MS): void {
    while (this.wheel.nowMs - START_MS < untilMs)
      this.wheel.advance(Math.min(this.wheel.nowMs + stepMs, START_MS + untilMs));
  }

  get names(): string[] {
    return this.expired.map(({ name }) => name);
  }
}

test('a timer expires once, never early and at most two ticks and one step of the clock late', () => {
  for (const delayMs of [1, 49, 50, 51, 99, 100, 1000, 25_599, 25_600, 25_601, 60_000, 3_600_000]) {
    for (const stepMs of [7, 50, 333]) {
      const bench = new Bench();
      bench.wheel.arm(bench.timer('a'), delayMs, 3);
      bench.run(delayMs + ROUND_MS, stepMs);
      assert.equal(bench.expired.length, 1, `${delayMs} by ${stepMs}`);
      const { atMs, purpose } = bench.expired[0] as { atMs: number; purpose: number };
      assert.equal(purpose, 3);
      assert.ok(atMs >= delayMs, `${delayMs} expired at ${atMs}`);
      assert.ok(atMs <= delayMs + 2 * TICK_MS + stepMs, `${delayMs} expired at ${atMs}`);
    }
  }
});

test('a timer that expires is no longer armed', () => {
  const bench = new Bench();
  let dueMs = 0;
  const timer = bench.timer('a', (own) => (dueMs = own.dueMs));
  bench.wheel.arm(timer, 100, 0);
  assert.ok(timer.dueMs > START_MS);
  bench.run(1000);
  assert.deepEqual([dueMs, timer.dueMs], [-1, -1]);
});

test('a timer does not expire early when the clock was last read up to a tick ago', () => {
  const bench = new Bench();
  bench.run(130, 10);
  const timer = bench.timer('a');
  // The caller's clock is at 179 ms, the wheel was told 130 ms.
  bench.wheel.arm(timer, 100, 0);
  bench.run(ROUND_MS, 1);
  assert.ok((bench.expired[0]?.atMs ?? 0) >= 179 + 100);
});

test('arming anew for later replaces the expiry, however often', () => {
  const bench = new Bench();
  const timer = bench.timer('a');
  for (let atMs = 0; atMs < 2000; atMs += 50) {
    bench.wheel.arm(timer, 300, atMs);
    bench.run(atMs + 50);
  }
  assert.deepEqual(bench.names, []);
  bench.run(3000);
  assert.equal(bench.expired.length, 1);
  assert.equal(bench.expired[0]?.purpose, 1950);
  assert.ok((bench.expired[0]?.atMs ?? 0) >= 2250);
});

test('arming anew for earlier replaces the expiry', () => {
  const bench = new Bench();
  const timer = bench.timer('a');
  bench.wheel.arm(timer, 60_000, 1);
  bench.wheel.arm(timer, 100, 2);
  bench.run(70_000);
  assert.deepEqual(
    bench.expired.map(({ purpose }) => purpose),
    [2],
  );
  assert.ok((bench.expired[0]?.atMs ?? 0) <= 250);
});

test('a disarmed timer, and one armed with no delay, does not expire', () => {
  const bench = new Bench();
  const [disarmed, zero, negative] = [bench.timer('disarmed'), bench.timer('zero'), bench.timer('negative')];
  for (const timer of [disarmed, zero, negative]) bench.wheel.arm(timer, 100, 0);
  bench.wheel.disarm(disarmed);
  bench.wheel.arm(zero, 0, 0);
  bench.wheel.arm(negative, -1, 0);
  bench.run(2 * ROUND_MS);
  assert.deepEqual(bench.names, []);
});

test('a disarmed timer can be armed again before and after its old slot came round', () => {
  const bench = new Bench();
  const timer = bench.timer('a');
  bench.wheel.arm(timer, 100, 1);
  bench.wheel.disarm(timer);
  bench.wheel.arm(timer, 200, 2);
  bench.run(1000);
  bench.wheel.arm(timer, 100, 3);
  bench.wheel.disarm(timer);
  bench.run(2000);
  bench.wheel.arm(timer, 100, 4);
  bench.run(3000);
  assert.deepEqual(
    bench.expired.map(({ purpose }) => purpose),
    [2, 4],
  );
});

test('a removed timer is not held by the wheel', () => {
  const bench = new Bench();
  const timers = ['a', 'b', 'c'].map((name) => bench.timer(name));
  for (const timer of timers) bench.wheel.arm(timer, 100, 0);
  const [, middle] = timers as [Timer, Timer, Timer];
  bench.wheel.remove(middle);
  assert.equal(middle.next, null);
  assert.equal(middle.previous, null);
  bench.wheel.remove(middle);
  bench.run(1000);
  assert.deepEqual(bench.names.toSorted(), ['a', 'c']);
});

test('an expiry may remove, disarm and put off its neighbours of the same slot', () => {
  const bench = new Bench();
  const others: Timer[] = [];
  const act = (): void => {
    const [removed, disarmed, later] = others as [Timer, Timer, Timer];
    bench.wheel.remove(removed);
    bench.wheel.disarm(disarmed);
    if (later.dueMs >= 0 && bench.expired.length === 1) bench.wheel.arm(later, 500, 9);
  };
  // Whichever of the two acting timers comes first, the three between them must heed it.
  const first = bench.timer('first', act);
  others.push(bench.timer('removed'), bench.timer('disarmed'), bench.timer('later'));
  const last = bench.timer('last', act);
  for (const timer of [first, ...others, last]) bench.wheel.arm(timer, 100, 1);
  bench.run(400);
  assert.deepEqual(bench.names.toSorted(), ['first', 'last']);
  bench.run(1000);
  assert.deepEqual(bench.expired.at(-1)?.name, 'later');
  assert.equal(bench.expired.length, 3);
});

test('an expiry may arm its own timer again', () => {
  const bench = new Bench();
  const timer = bench.timer('a', (own) => bench.wheel.arm(own, 100, own.purpose + 1));
  bench.wheel.arm(timer, 100, 0);
  bench.run(2000);
  assert.ok(bench.expired.length >= 9, String(bench.expired.length));
  assert.deepEqual(
    bench.expired.map(({ purpose }) => purpose),
    bench.expired.map((_, i) => i),
  );
});

test('an expiry that throws keeps no other timer from expiring in its time', () => {
  const bench = new Bench();
  const defect = new Error('defect');
  const thrower = bench.timer('thrower', () => {
    throw defect;
  });
  const armed = [bench.timer('before'), thrower, bench.timer('after'), bench.timer('next tick')];
  armed.forEach((timer, i) => bench.wheel.arm(timer, i === 3 ? 150 : 100, 0));
  assert.throws(() => bench.wheel.advance(START_MS + 1000), defect);
  bench.run(1200);
  assert.deepEqual(bench.names.toSorted(), ['after', 'before', 'next tick', 'thrower']);
});

test('a jump of the clock over many rounds expires everything due, once, and nothing else', () => {
  const bench = new Bench();
  for (let i = 1; i <= 600; i++) bench.wheel.arm(bench.timer(`t${i}`), i * 100, 0);
  bench.wheel.arm(bench.timer('far'), 10 * ROUND_MS, 0);
  bench.wheel.advance(START_MS + 3 * ROUND_MS);
  assert.equal(bench.expired.length, 600);
  assert.ok(!bench.names.includes('far'));
  bench.run(11 * ROUND_MS);
  assert.equal(bench.names.at(-1), 'far');
});

test('a clock that stands still or goes back changes nothing', () => {
  const bench = new Bench();
  bench.wheel.arm(bench.timer('a'), 100, 0);
  bench.wheel.advance(START_MS);
  bench.wheel.advance(START_MS - 100_000);
  assert.equal(bench.wheel.nowMs, START_MS);
  bench.run(300);
  assert.deepEqual(bench.names, ['a']);
});

test('timers of one slot but of different rounds do not disturb each other', () => {
  const bench = new Bench();
  bench.wheel.arm(bench.timer('second round'), 1000 + ROUND_MS, 0);
  bench.wheel.arm(bench.timer('first round'), 1000, 0);
  bench.run(2000);
  assert.deepEqual(bench.names, ['first round']);
  bench.run(2000 + ROUND_MS);
  assert.deepEqual(bench.names, ['first round', 'second round']);
});
