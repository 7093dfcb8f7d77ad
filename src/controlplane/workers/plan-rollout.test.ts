import assert from 'node:assert/strict';
import test from 'node:test';

import type { ToWorker } from '../../dataplane/worker/messages.ts';
import { planOf, plannedRoute } from '../../../tests/support/planned.ts';
import { PlanRollout, type PlanTaker, type RolloutOwner } from './plan-rollout.ts';

/** A thread that does what it is told when the test says so. */
class FakeThread implements PlanTaker {
  readonly ordinal: number;
  readonly messages: ToWorker[] = [];

  constructor(ordinal: number) {
    this.ordinal = ordinal;
  }

  send(message: ToWorker): void {
    this.messages.push(message);
  }

  /** Types of the messages since the last look. */
  heard(): string[] {
    return this.messages.splice(0).map((message) => {
      if (message.type === 'prepare')
        return `prepare ${message.order.head.version} ${message.order.kept?.join() ?? 'all'}`;
      if (message.type === 'routes') return `routes ${message.version} ${message.places.join()}`;
      return 'version' in message ? `${message.type} ${message.version}` : message.type;
    });
  }
}

/** Notes what a rollout tells of its threads, by their ordinals. */
class Notes implements RolloutOwner {
  readonly started: number[] = [];
  readonly unableOnes: string[] = [];

  running({ ordinal }: PlanTaker): void {
    this.started.push(ordinal);
  }

  unable({ ordinal }: PlanTaker, reason: string): void {
    this.unableOnes.push(`${ordinal} ${reason}`);
  }
}

const ROUTES = Array.from({ length: 30 }, (_, i) => plannedRoute(`/r${i}`, i % 3));

/** A rollout whose threads run version 1. */
function running(count: number) {
  const notes = new Notes();
  const rollout = new PlanRollout(planOf(1, ROUTES), notes);
  const threads = Array.from({ length: count }, (_, i) => new FakeThread(i));
  for (const thread of threads) {
    rollout.born(thread);
    rollout.message(thread, { type: 'prepared', version: 1 });
    rollout.message(thread, { type: 'committed', version: 1 });
    thread.heard();
  }
  const { started, unableOnes } = notes;
  return { rollout, threads, started, unableOnes };
}

test('a thread that is born pulls the plan that runs in slices, and starts when it runs it', () => {
  const notes = new Notes();
  const { started } = notes;
  const rollout = new PlanRollout(planOf(1, ROUTES), notes);
  const thread = new FakeThread(0);
  rollout.born(thread);
  rollout.message(thread, { type: 'routesWanted', version: 1, from: 0 });
  rollout.message(thread, { type: 'routesWanted', version: 1, from: 25 });
  rollout.message(thread, { type: 'prepared', version: 1 });
  assert.deepEqual(started, []);
  rollout.message(thread, { type: 'committed', version: 1 });
  const places = (from: number, to: number): string => Array.from({ length: to - from }, (_, i) => from + i).join();
  assert.deepEqual(thread.heard(), [
    'prepare 1 all',
    `routes 1 ${places(0, 25)}`,
    `routes 1 ${places(25, 30)}`,
    'commit 1',
  ]);
  assert.deepEqual(started, [0]);
});

test('a plan is committed when every thread has prepared it, and done when every thread runs it', async () => {
  const { rollout, threads } = running(2);
  const [a, b] = threads as [FakeThread, FakeThread];
  const changed = [plannedRoute('/new', 1), ...ROUTES.slice(1)];
  const outcome = rollout.roll(planOf(2, changed));
  const kept = `prepare 2 -1,${ROUTES.slice(1)
    .map((_, i) => i + 1)
    .join()}`;
  assert.deepEqual(a.heard(), [kept]);
  rollout.message(a, { type: 'routesWanted', version: 2, from: 0 });
  assert.deepEqual(a.heard(), ['routes 2 0']);
  rollout.message(a, { type: 'prepared', version: 2 });
  assert.deepEqual(a.heard(), [], 'b is not ready');
  rollout.message(b, { type: 'prepared', version: 2 });
  assert.deepEqual([a.heard(), b.heard()], [['commit 2'], [kept, 'commit 2']]);
  rollout.message(b, { type: 'committed', version: 2 });
  rollout.message(a, { type: 'committed', version: 2 });
  assert.deepEqual(await outcome, { status: 'committed' });
  assert.equal(rollout.version, 2);
});

test('another key for sticky cookies changes every route', async () => {
  const { rollout, threads } = running(1);
  const [a] = threads as [FakeThread];
  void rollout.roll({ ...planOf(2, ROUTES.slice(0, 3)), stickySecret: 'another secret, just as long' });
  assert.deepEqual(a.heard(), ['prepare 2 -1,-1,-1']);
});

test('one thread that cannot prepare a plan aborts it in all, and the one before goes on', async () => {
  const { rollout, threads } = running(2);
  const [a, b] = threads as [FakeThread, FakeThread];
  const outcome = rollout.roll(planOf(2, ROUTES));
  rollout.message(a, { type: 'prepared', version: 2 });
  rollout.message(b, { type: 'prepareFailed', version: 2, reason: 'it has no feet' });
  assert.deepEqual(await outcome, { status: 'aborted', reason: 'worker 1: it has no feet' });
  assert.deepEqual([a.heard().at(-1), b.heard().at(-1)], ['abort 2', 'abort 2']);
  assert.equal(rollout.version, 1);
});

test('a thread that dies is waited for no longer, before the commit and after it', async () => {
  const { rollout, threads } = running(3);
  const [a, b, c] = threads as [FakeThread, FakeThread, FakeThread];
  const outcome = rollout.roll(planOf(2, ROUTES));
  rollout.message(a, { type: 'prepared', version: 2 });
  rollout.message(b, { type: 'prepared', version: 2 });
  rollout.gone(c);
  rollout.message(a, { type: 'committed', version: 2 });
  rollout.gone(b);
  assert.deepEqual(await outcome, { status: 'committed' });
});

test('the oldest version is that of the slowest thread: one that begins, is behind, or drains until it is gone', async () => {
  const { rollout, threads } = running(2);
  const [a, b] = threads as [FakeThread, FakeThread];
  assert.equal(rollout.oldestVersion, 1);
  const outcome = rollout.roll(planOf(2, ROUTES));
  rollout.leaves(b);
  rollout.message(a, { type: 'prepared', version: 2 });
  rollout.message(a, { type: 'committed', version: 2 });
  assert.deepEqual(await outcome, { status: 'committed' });
  assert.equal(rollout.oldestVersion, 1, 'b drains');
  rollout.leaves(b);
  assert.equal(rollout.oldestVersion, 1, 'told twice');
  rollout.gone(b);
  assert.equal(rollout.oldestVersion, 2);
  const late = new FakeThread(7);
  rollout.born(late);
  assert.equal(rollout.oldestVersion, 0);
});

test('a thread that is born while a plan goes round comes to run the new one, whatever it had begun with', async () => {
  const { rollout, threads, started } = running(1);
  const [a] = threads as [FakeThread];
  const late = new FakeThread(7);
  const outcome = rollout.roll(planOf(2, ROUTES));
  rollout.born(late);
  assert.deepEqual(late.heard(), ['prepare 1 all']);
  rollout.message(a, { type: 'prepared', version: 2 });
  rollout.message(late, { type: 'prepared', version: 1 });
  assert.deepEqual(late.heard(), ['prepare 2 all']);
  rollout.message(a, { type: 'committed', version: 2 });
  await outcome;
  rollout.message(late, { type: 'prepared', version: 2 });
  rollout.message(late, { type: 'committed', version: 2 });
  assert.deepEqual(late.heard(), ['commit 2']);
  assert.ok(started.includes(7));
});

test('a thread that committed the plan before while a new one went round catches up', async () => {
  const { rollout, threads } = running(1);
  const [a] = threads as [FakeThread];
  const late = new FakeThread(7);
  rollout.born(late);
  rollout.message(late, { type: 'prepared', version: 1 });
  const outcome = rollout.roll(planOf(2, ROUTES));
  rollout.message(a, { type: 'prepared', version: 2 });
  rollout.message(a, { type: 'committed', version: 2 });
  await outcome;
  rollout.message(late, { type: 'committed', version: 1 });
  assert.deepEqual(late.heard(), ['prepare 1 all', 'commit 1', 'prepare 2 all']);
});

test('a second plan while one is on its way is turned down', async () => {
  const { rollout } = running(1);
  void rollout.roll(planOf(2, ROUTES));
  assert.equal((await rollout.roll(planOf(3, ROUTES))).status, 'aborted');
});

test('a plan for which nobody waits is committed at once', async () => {
  const rollout = new PlanRollout(planOf(1, ROUTES), new Notes());
  assert.deepEqual(await rollout.roll(planOf(2, ROUTES)), { status: 'committed' });
});

test('threads that do not prepare in time abort the plan and are named', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { rollout, threads } = running(2);
  const outcome = rollout.roll(planOf(2, ROUTES));
  rollout.message(threads[0] as FakeThread, { type: 'prepared', version: 2 });
  context.mock.timers.tick(30_000);
  assert.deepEqual(await outcome, {
    status: 'aborted',
    reason: 'worker 1 did not prepare the configuration within 30 s',
  });
});

test('a thread that still pulls the plan before when a new one is committed gets the new one', async () => {
  const { rollout, threads, started } = running(1);
  const [a] = threads as [FakeThread];
  const late = new FakeThread(7);
  rollout.born(late);
  const outcome = rollout.roll(planOf(2, ROUTES));
  rollout.message(a, { type: 'prepared', version: 2 });
  rollout.message(a, { type: 'committed', version: 2 });
  await outcome;
  rollout.message(late, { type: 'routesWanted', version: 1, from: 0 });
  assert.deepEqual(late.heard(), ['prepare 1 all', 'prepare 2 all'], 'it would wait for ever');
  rollout.message(late, { type: 'prepared', version: 2 });
  rollout.message(late, { type: 'committed', version: 2 });
  assert.ok(started.includes(7));
});

test('threads that start when a plan is committed for which nobody waits come to run it', async () => {
  const rollout = new PlanRollout(planOf(1, ROUTES), new Notes());
  const thread = new FakeThread(0);
  rollout.born(thread);
  await rollout.roll(planOf(2, ROUTES));
  rollout.message(thread, { type: 'routesWanted', version: 1, from: 0 });
  assert.deepEqual(thread.heard(), ['prepare 1 all', 'prepare 2 all']);
});

test('a thread that comes to run the plan before while a new one is prepared is not told to run what it has not', async () => {
  const { rollout, threads, started } = running(1);
  const [a] = threads as [FakeThread];
  const late = new FakeThread(7);
  rollout.born(late);
  const outcome = rollout.roll(planOf(2, ROUTES));
  rollout.message(late, { type: 'prepared', version: 1 });
  rollout.message(late, { type: 'committed', version: 1 });
  assert.ok(started.includes(7));
  rollout.message(a, { type: 'prepared', version: 2 });
  rollout.message(a, { type: 'committed', version: 2 });
  assert.deepEqual(late.heard(), ['prepare 1 all', 'commit 1', 'prepare 2 all']);
  assert.deepEqual(await outcome, { status: 'committed' });
});

test('a thread that catches up does not stand against the next plan', async () => {
  const { rollout, threads } = running(1);
  const [a] = threads as [FakeThread];
  const late = new FakeThread(7);
  rollout.born(late);
  rollout.message(late, { type: 'prepared', version: 1 });
  const outcome = rollout.roll(planOf(2, ROUTES));
  rollout.message(a, { type: 'prepared', version: 2 });
  rollout.message(a, { type: 'committed', version: 2 });
  await outcome;
  rollout.message(late, { type: 'committed', version: 1 });
  late.heard();
  const next = rollout.roll(planOf(3, ROUTES));
  assert.deepEqual(late.heard(), [], 'it does not run the plan that the order would build on');
  rollout.message(a, { type: 'prepared', version: 3 });
  rollout.message(a, { type: 'committed', version: 3 });
  assert.deepEqual(await next, { status: 'committed' });
  assert.deepEqual(late.heard(), ['prepare 3 all']);
});

test('a thread that prepared a plan which was aborted meanwhile goes on with the next one', async () => {
  const { rollout, threads } = running(2);
  const [a, b] = threads as [FakeThread, FakeThread];
  const aborted = rollout.roll(planOf(2, ROUTES));
  rollout.message(a, { type: 'prepareFailed', version: 2, reason: 'no' });
  await aborted;
  void rollout.roll(planOf(3, ROUTES));
  b.heard();
  rollout.message(b, { type: 'prepared', version: 2 });
  assert.deepEqual(b.heard(), [], 'another order would end its preparation');
});

test('a thread that cannot take the plan which runs is told of, when it is born and when it catches up', async () => {
  const { rollout, threads, unableOnes } = running(1);
  const [a] = threads as [FakeThread];
  const late = new FakeThread(7);
  rollout.born(late);
  rollout.message(late, { type: 'prepareFailed', version: 1, reason: 'no room' });
  assert.deepEqual(unableOnes, ['7 no room']);
  rollout.born(late);
  const outcome = rollout.roll(planOf(2, ROUTES));
  rollout.message(a, { type: 'prepared', version: 2 });
  rollout.message(late, { type: 'prepareFailed', version: 2, reason: 'still none' });
  rollout.message(a, { type: 'committed', version: 2 });
  assert.deepEqual(await outcome, { status: 'committed' });
  assert.deepEqual(unableOnes, ['7 no room', '7 still none']);
});
