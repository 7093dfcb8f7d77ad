import assert from 'node:assert/strict';
import test from 'node:test';

import type { DependencyState } from './dependency-checks.ts';
import { systemHealth } from './system-health.ts';

const NO_BACKENDS = { checked: 0, healthy: 0 };

function dependency(name: string, status: DependencyState['status'], required: boolean): DependencyState {
  const error = status === 'unhealthy' ? 'The connection was refused (connect_refused)' : null;
  return { name, required, status, durationMs: status === 'unknown' ? null : 2.4, error };
}

test('backends: all healthy is healthy, more healthy than not degraded, all else unhealthy, none healthy (SPEC F)', () => {
  const statusOf = (healthy: number, checked: number): string => systemHealth({ healthy, checked }, [], false).status;
  assert.equal(statusOf(0, 0), 'healthy');
  assert.equal(statusOf(3, 3), 'healthy');
  assert.equal(statusOf(2, 3), 'degraded');
  assert.equal(statusOf(1, 2), 'unhealthy');
  assert.equal(statusOf(1, 3), 'unhealthy');
  assert.equal(statusOf(0, 1), 'unhealthy');
});

test('a required dependency that is down makes the program unhealthy and not ready, an advisory one degraded', () => {
  const required = systemHealth(NO_BACKENDS, [dependency('database', 'unhealthy', true)], false);
  assert.deepEqual([required.status, required.obstacle], ['unhealthy', 'dependency database is unhealthy']);
  const advisory = systemHealth(NO_BACKENDS, [dependency('redis', 'unhealthy', false)], false);
  assert.deepEqual([advisory.status, advisory.obstacle], ['degraded', null]);
});

test('the worst of backends and dependencies counts', () => {
  const advisory = [dependency('redis', 'unhealthy', false)];
  assert.equal(systemHealth({ checked: 2, healthy: 1 }, advisory, false).status, 'unhealthy');
  assert.equal(
    systemHealth({ checked: 3, healthy: 2 }, [dependency('redis', 'healthy', true)], false).status,
    'degraded',
  );
});

test('backends alone make the program unready only where that is asked for: it must be there to say what is wrong', () => {
  const obstacleOf = (healthy: number, checked: number, isAsked: boolean): string | null =>
    systemHealth({ healthy, checked }, [], isAsked).obstacle;
  assert.equal(obstacleOf(0, 2, false), null);
  assert.equal(obstacleOf(0, 2, true), 'no backend is healthy');
  assert.equal(obstacleOf(1, 2, true), null);
  assert.equal(obstacleOf(0, 0, true), null, 'nothing speaks against backends that nobody checks');
});

test('a required dependency that has not been checked yet is waited for; it makes nothing unhealthy', () => {
  const health = systemHealth(NO_BACKENDS, [dependency('database', 'unknown', true)], false);
  assert.deepEqual([health.status, health.obstacle], ['healthy', 'dependency database has not been checked yet']);
  assert.equal(systemHealth(NO_BACKENDS, [dependency('redis', 'unknown', false)], false).obstacle, null);
});

test('dependencies are shown by name, with what the last check took and why it failed', () => {
  const { checks, readyChecks } = systemHealth(
    NO_BACKENDS,
    [
      dependency('database', 'healthy', true),
      dependency('redis', 'unhealthy', false),
      dependency('later', 'unknown', false),
    ],
    false,
  );
  assert.deepEqual(checks, { database: 'healthy', redis: 'unhealthy', later: 'unknown' });
  assert.deepEqual(readyChecks, {
    database: { passed: true, duration: '2ms', error: null },
    redis: { passed: false, duration: '2ms', error: 'The connection was refused (connect_refused)' },
    later: { passed: false, duration: null, error: null },
  });
});
