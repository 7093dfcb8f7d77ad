import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import { CheckLanes } from './check-lanes.ts';
import { CheckLoop, type CheckSchedule } from './check-loop.ts';
import type { CheckOutcome } from './check.ts';

const SCHEDULE: CheckSchedule = {
  intervalMs: 30_000,
  unhealthyThreshold: 3,
  healthyThreshold: 2,
  initiallyHealthy: true,
};

/** A loop over scripted outcomes (`+` passed, `-` failed, the last one for ever), on a clock of the test. */
function rig(context: TestContext, outcomes: string, options: { random?: number; durationMs?: number } = {}) {
  const { random = 0, durationMs = 0 } = options;
  context.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  const begun: number[] = [];
  const changes: string[] = [];
  const check = (): Promise<CheckOutcome> => {
    const mark = outcomes[Math.min(begun.length, outcomes.length - 1)];
    begun.push(Date.now());
    const outcome: CheckOutcome = {
      failure: mark === '+' ? null : 'connect_refused',
      status: 0,
      detail: null,
      durationMs,
    };
    if (durationMs === 0) return Promise.resolve(outcome);
    return new Promise((resolve) => setTimeout(() => resolve(outcome), durationMs));
  };
  const owner = { checkEnded: (_: CheckLoop, __: CheckOutcome, change: string) => void changes.push(change) };
  const loop = new CheckLoop(check, SCHEDULE, owner, { lanes: new CheckLanes(), random: () => random });
  context.after(() => loop.stop());
  /** Lets time pass, a tenth of a second after the other. */
  const pass = async (ms: number): Promise<void> => {
    const rest = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));
    await rest();
    for (let passed = 0; passed < ms; passed += 100) {
      context.mock.timers.tick(100);
      await rest();
    }
  };
  return { loop, begun, changes, pass };
}

test('the first check comes at once, the second anywhere in the interval, the others at most an interval apart', async (context) => {
  const { loop, begun, pass } = rig(context, '+', { random: 0.5 });
  loop.start();
  await pass(100);
  assert.deepEqual(begun, [0]);
  await pass(75_000);
  assert.deepEqual(begun, [0, 15_000, 43_500, 72_000]);
});

test('checks of targets that began together do not stay together', async (context) => {
  const early = rig(context, '+', { random: 0.1 });
  early.loop.start();
  await early.pass(4_000);
  assert.deepEqual(early.begun, [0, 3_000]);
});

test('what has never passed is asked again after 1, 2, 4, 8 s and so on up to the interval, until it passes', async (context) => {
  const { loop, begun, changes, pass } = rig(context, '------+', { random: 1 });
  loop.start();
  await pass(61_100);
  assert.deepEqual(begun, [0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000]);
  assert.deepEqual(changes, ['failed', 'none', 'none', 'none', 'none', 'none', 'recovered']);
});

test('the interval is from begin to begin, and a check that takes longer is followed by the next, never joined by it', async (context) => {
  const { loop, begun, pass } = rig(context, '+', { random: 0, durationMs: 40_000 });
  loop.start();
  await pass(130_000);
  assert.deepEqual(begun, [0, 40_100, 80_200, 120_300], 'with a tenth of a second for the clock of the test');
});

test('a loop that was stopped asks no more, and tells nobody of a check under way', async (context) => {
  const { loop, begun, changes, pass } = rig(context, '-', { durationMs: 1_000 });
  loop.start();
  await pass(200);
  loop.stop();
  await loop.decided;
  await pass(60_000);
  assert.deepEqual([begun, changes], [[0], []]);
});
