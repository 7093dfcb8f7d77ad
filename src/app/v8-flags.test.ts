import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { V8_FLAGS } from './v8-flags.ts';

test('the V8 of this Node knows every flag that is set while it runs, and those of the command', () => {
  for (const flag of [...V8_FLAGS, '--v8-pool-size=1']) {
    const { status, stderr } = spawnSync(process.execPath, [flag, '--eval', ''], { encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, ''], flag);
  }
});
