import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import { Heartbeats } from '../../shared-memory/heartbeats.ts';
import { createRegions } from '../../shared-memory/regions.ts';
import type { ApplicationLog } from '../../telemetry/logs/application-log.ts';
import { Watchdog } from './watchdog.ts';
import type { WorkerThread } from './worker-thread.ts';

const SILENT: ApplicationLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  at: () => undefined,
  reopen: () => undefined,
  flush: async () => true,
};

/** A watchdog over two threads that are none, on a clock that the test moves. */
function watch(context: TestContext) {
  let now = 1_000_000;
  context.mock.timers.enable({ apis: ['setInterval'] });
  context.mock.method(process.hrtime, 'bigint', () => BigInt(now) * 1_000_000n);
  const regions = createRegions(2);
  const beats = new Heartbeats(regions);
  const threads = [0, 1].map((row) => ({ ordinal: row, row, threadId: 1_000_000 + row }) as WorkerThread);
  const replaced: number[] = [];
  const reported: number[] = [];
  const log = {
    ...SILENT,
    error: (_: string, values?: Readonly<Record<string, unknown>>) => reported.push(Number(values?.worker)),
  };
  const found = Promise.withResolvers<void>();
  const fleet = {
    threads,
    replaceSilent: async ({ row }: WorkerThread) => {
      replaced.push(row);
      found.resolve();
    },
  };
  const watchdog = new Watchdog(fleet, regions, log);
  watchdog.start();
  context.after(() => watchdog.stop());
  return {
    found: found.promise,
    replaced,
    reported,
    /** One check after `elapsedMs`, before which the named rows beat. */
    check: (alive: readonly number[], elapsedMs = 500): void => {
      now += elapsedMs;
      for (const row of alive) beats.beat(row, now);
      context.mock.timers.tick(500);
    },
  };
}

test('a worker that is silent for three seconds is reported and replaced once, the others are not', async (context) => {
  const { check, found, replaced, reported } = watch(context);
  check([0, 1]);
  for (let i = 0; i < 5; i++) check([0]);
  assert.deepEqual(reported, []);
  for (let i = 0; i < 4; i++) check([0]);
  await found;
  assert.deepEqual([replaced, reported], [[1], [1]]);
});

test('a worker without a first sign of life is not silent: it starts', (context) => {
  const { check, reported } = watch(context);
  for (let i = 0; i < 20; i++) check([]);
  assert.deepEqual(reported, []);
});

test('silence proves nothing when the whole process stood still', async (context) => {
  const { check, found, replaced } = watch(context);
  check([0, 1]);
  check([], 60_000);
  for (let i = 0; i < 5; i++) check([0]);
  assert.deepEqual(replaced, []);
  for (let i = 0; i < 4; i++) check([0]);
  await found;
  assert.deepEqual(replaced, [1]);
});
