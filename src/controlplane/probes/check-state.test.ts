import assert from 'node:assert/strict';
import test from 'node:test';

import { type CheckChange, CheckState } from './check-state.ts';

const THRESHOLDS = { unhealthyThreshold: 3, healthyThreshold: 2 };

function changesOf(state: CheckState, outcomes: string): CheckChange[] {
  return Array.from(outcomes, (outcome) => state.record(outcome === '+'));
}

test('it takes unhealthyThreshold failures in a row to fail, and healthyThreshold successes in a row to recover (SPEC F)', () => {
  const state = new CheckState(THRESHOLDS, true);
  assert.deepEqual(changesOf(state, '+--'), ['none', 'degraded', 'none']);
  assert.equal(state.isHealthy, true);
  assert.deepEqual(changesOf(state, '-'), ['failed']);
  assert.equal(state.isHealthy, false);
  assert.deepEqual(changesOf(state, '--+-+'), ['none', 'none', 'none', 'none', 'none']);
  assert.deepEqual(changesOf(state, '+'), ['recovered']);
  assert.equal(state.isHealthy, true);
});

test('a success ends a series of failures', () => {
  const state = new CheckState(THRESHOLDS, true);
  changesOf(state, '+--+--');
  assert.equal(state.isHealthy, true);
  assert.deepEqual([state.consecutiveFailures, state.consecutiveSuccesses], [2, 0]);
});

test('the first check decides at once, whatever the initial state was', () => {
  const optimist = new CheckState(THRESHOLDS, true);
  assert.deepEqual(changesOf(optimist, '-'), ['failed']);
  assert.equal(optimist.isHealthy, false);
  const pessimist = new CheckState(THRESHOLDS, false);
  assert.equal(pessimist.isHealthy, false);
  assert.deepEqual(changesOf(pessimist, '+'), ['recovered']);
  assert.equal(pessimist.isHealthy, true);
});

test('a first failure is told once where the initial state was unhealthy already', () => {
  assert.deepEqual(changesOf(new CheckState(THRESHOLDS, false), '--'), ['failed', 'none']);
});

test('until the first success one success is enough', () => {
  const state = new CheckState(THRESHOLDS, true);
  assert.deepEqual(changesOf(state, '---+'), ['failed', 'none', 'none', 'recovered']);
  assert.deepEqual(changesOf(state, '---+'), ['degraded', 'none', 'failed', 'none']);
});

test('with thresholds of one every check decides', () => {
  const state = new CheckState({ unhealthyThreshold: 1, healthyThreshold: 1 }, true);
  assert.deepEqual(changesOf(state, '+-+-'), ['none', 'failed', 'recovered', 'failed']);
});
