import assert from 'node:assert/strict';
import test from 'node:test';

import { watcherOf } from './watcher.ts';

const FREE = { pid: 100, parentName: 'bash', launcherFd: null, env: {} };

test('whoever takes the end of the process for the end of the service is a reason not to hand over, and nobody else', () => {
  for (const [change, reason] of [
    [{}, null],
    [{ pid: 1 }, /^it is process 1/],
    [{ launcherFd: 3 }, /^npm watches it/],
    [{ env: { npm_lifecycle_event: 'start' } }, /^npm watches it/],
    [{ parentName: 'docker-init' }, /^its parent docker-init watches it/],
    [{ parentName: 'systemd' }, null],
    [{ env: { SYSTEMD_EXEC_PID: '100' } }, /^systemd watches it and cannot be told/],
    [{ env: { SYSTEMD_EXEC_PID: '100', NOTIFY_SOCKET: '/run/notify' } }, null],
    [{ env: { SYSTEMD_EXEC_PID: '99' } }, null],
  ] as const) {
    const told = watcherOf({ ...FREE, ...change });
    if (reason === null) assert.equal(told, null, JSON.stringify(change));
    else assert.match(told ?? '', reason);
  }
});
