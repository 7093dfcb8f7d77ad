import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { askControl } from '../../src/controlplane/control/ask-control.ts';
import { programEnv, startProgram } from '../support/program.ts';
import { createFolder } from '../support/yaml-program.ts';

test('a running program answers on its control socket beside the pid file, and removes it at the end', async (context) => {
  const pidFile = join(createFolder(context), 'rwwwrse.pid');
  const program = await startProgram(context, { env: { RWWWRSE_PID_FILE: pidFile } });
  const path = `${pidFile}.sock`;
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const answer = await askControl({ path, verb: 'state', timeoutMs: 5_000 });
  assert.ok('ok' in answer && answer.ok, JSON.stringify(answer));
  assert.deepEqual([answer.details?.['pid'], answer.details?.['ready']], [program.pid, true]);
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
  assert.equal(existsSync(path), false);
});

test('without a pid file the socket is in the runtime folder, under the address of the first listener', async (context) => {
  const program = await startProgram(context);
  const path = join(programEnv(0).XDG_RUNTIME_DIR ?? '', 'rwwwrse', `127.0.0.1:${program.port}.sock`);
  const answer = await askControl({ path, verb: 'state', timeoutMs: 5_000 });
  assert.ok('ok' in answer && answer.ok, JSON.stringify(answer));
});

test('a socket that cannot be opened is a warning; the program serves', async (context) => {
  const pidFile = join(createFolder(context), 'x'.repeat(120));
  const program = await startProgram(context, { env: { RWWWRSE_PID_FILE: pidFile } });
  const [warning] = program.logged('the control socket cannot be opened; commands cannot reach this program');
  assert.deepEqual([warning?.level, warning?.path, warning?.problem], ['WARN', `${pidFile}.sock`, 'EINVAL']);
  assert.equal((await fetch(program.url('/live'))).status, 200);
});
