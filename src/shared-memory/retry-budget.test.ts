import assert from 'node:assert/strict';
import test from 'node:test';

import { inThreads } from '../../tests/support/in-threads.ts';
import { createRegions, type Regions } from './regions.ts';
import type * as retryBudgetModule from './retry-budget.ts';
import { RetryBudget } from './retry-budget.ts';

const SETTINGS = { share: 0.2, minPerSecond: 1 };
const START_MS = 5_000_000;

function budgetOf(regions: Regions, worker: number, settings: typeof SETTINGS): RetryBudget {
  const budget = new RetryBudget(regions, worker);
  budget.configure(settings);
  return budget;
}

function budgetsOf(regions: Regions, settings = SETTINGS): RetryBudget[] {
  return Array.from({ length: regions.workers }, (_, worker) => budgetOf(regions, worker, settings));
}

/** One second after the other, each with so many requests of every worker. */
function runSeconds(budgets: readonly RetryBudget[], fromMs: number, requestsPerSecond: readonly number[]): number {
  for (const [second, count] of requestsPerSecond.entries()) {
    for (const budget of budgets) {
      budget.tick(fromMs + second * 1_000);
      for (let i = 0; i < count; i++) budget.requested();
    }
  }
  return fromMs + (requestsPerSecond.length - 1) * 1_000;
}

function takeAll(budget: RetryBudget, nowMs: number): number {
  let taken = 0;
  while (taken < 10_000 && budget.mayRetry(nowMs)) taken++;
  return taken;
}

test('without requests there may be so many retries in ten seconds as ten times the minimum', () => {
  const [budget] = budgetsOf(createRegions(1)) as [RetryBudget];
  assert.equal(takeAll(budget, START_MS), 10);
  assert.equal(takeAll(budget, START_MS + 9_000), 0, 'the ten are still of the last ten seconds');
  assert.equal(takeAll(budget, START_MS + 10_000), 10);
});

test('a share of the requests of the last ten seconds of all workers is added, whoever retries', () => {
  const budgets = budgetsOf(createRegions(3));
  const nowMs = runSeconds(budgets, START_MS, [1_000, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10]);
  assert.equal(budgets[0]?.figures(nowMs).requests, 300, 'the first second is out of the window');
  assert.deepEqual(
    budgets.map((budget) => takeAll(budget, nowMs)),
    [70, 0, 0],
  );
  assert.deepEqual(budgets[2]?.figures(nowMs), { requests: 300, used: 70, allowed: 70 });
});

test('with nothing allowed there is no retry', () => {
  const [budget] = budgetsOf(createRegions(1), { share: 0, minPerSecond: 0 }) as [RetryBudget];
  runSeconds([budget], START_MS, [100]);
  assert.equal(budget.mayRetry(START_MS), false);
});

test('a reload changes the limits and keeps what was used', () => {
  const [budget] = budgetsOf(createRegions(1)) as [RetryBudget];
  assert.equal(takeAll(budget, START_MS), 10);
  budget.configure({ share: 0, minPerSecond: 2 });
  assert.equal(takeAll(budget, START_MS), 10);
});

test('retries that were swept away do not come back when the seconds come round', () => {
  const [budget] = budgetsOf(createRegions(1)) as [RetryBudget];
  takeAll(budget, START_MS);
  const roundMs = 4_096_000;
  assert.equal(takeAll(budget, START_MS + roundMs), 0, 'what the sweep is for');
  budget.sweep(START_MS + 9_999);
  assert.equal(budget.figures(START_MS).used, 10, 'a sweep leaves the window alone');
  budget.sweep(START_MS + 20_000);
  assert.equal(takeAll(budget, START_MS + roundMs), 10);
});

test('threads that all retry at the same moment get exactly the budget', async () => {
  const regions = createRegions(4);
  const settings = { share: 0.5, minPerSecond: 3 };
  const data = Array.from({ length: 4 }, (_, worker) => ({ regions, worker, settings, nowMs: START_MS }));
  const granted = await inThreads(
    new URL('retry-budget.ts', import.meta.url),
    data,
    (loaded: typeof retryBudgetModule, { regions: shared, worker, settings: limits, nowMs }) => {
      const budget = new loaded.RetryBudget(shared, worker);
      budget.configure(limits);
      budget.tick(nowMs);
      for (let i = 0; i < 5_000; i++) budget.requested();
      let taken = 0;
      for (let i = 0; i < 20_000; i++) if (budget.mayRetry(nowMs)) taken++;
      return taken;
    },
  );
  const total = granted.reduce((sum, each) => sum + each, 0);
  assert.equal(total, 0.5 * 4 * 5_000 + 30);
  assert.deepEqual(budgetOf(regions, -1, settings).figures(START_MS), {
    requests: 20_000,
    used: total,
    allowed: total,
  });
});
