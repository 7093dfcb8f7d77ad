import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { getOnce } from '../support/http-client.ts';
import { INSPECT, runInWorker } from '../support/inspector.ts';
import { startProgram } from '../support/program.ts';
import { startRawBackend } from '../support/raw-backend.ts';
import { until } from '../support/until.ts';
import { createFolder } from '../support/yaml-program.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A copy of the program that another version can be installed over. */
function createInstallation(context: TestContext): { entry: string; install: (version: string) => void } {
  const folder = join(createFolder(context), 'installed');
  mkdirSync(folder);
  cpSync(join(ROOT, 'src'), join(folder, 'src'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const file = join(folder, 'src/base/version.ts');
  return {
    entry: join(folder, 'src/cli/main.ts'),
    install: (version) => writeFileSync(file, readFileSync(file, 'utf8').replace(/(?<=VERSION = ')[^']+/, version)),
  };
}

test('between the installation of another version and the upgrade nothing of it comes into the running program', async (context) => {
  const backend = await startRawBackend(context, (peer) => peer.answer('ok'));
  const file = join(createFolder(context), 'config.yaml');
  const write = (path: string): void =>
    writeFileSync(
      file,
      `hot_reload: false\nroutes: { r: { path: ${path}, target: "http://127.0.0.1:${backend.port}" } }\n`,
    );
  write('/one');
  const { entry, install } = createInstallation(context);
  const program = await startProgram(context, { args: ['--config', file], entry, nodeFlags: INSPECT });
  install('9.9.9');
  write('/two');
  program.signal('SIGHUP');
  const refused = await program.untilLogged('reload refused: the configuration before it goes on');
  const reason = /the program on the disk is version 9\.9\.9, this one is \d+\.\d+\.\d+: rwwwrse upgrade takes it over/;
  assert.match(String(refused.problems), reason);
  await runInWorker(program, 'data-1', 'process.exit(1)');
  const failed = await program.untilLogged('worker failed');
  assert.match(String(failed.error), reason);
  assert.equal((await getOnce(program.port, '/one')).status, 200);
  program.signal('SIGUSR2');
  await program.untilLogged('upgrade: another process serves', 20_000);
  const { version } = await program.untilLogged('listening', 20_000, 2);
  assert.equal(version, '9.9.9');
  await until('the new version serves', async () => (await getOnce(program.port, '/two')).status === 200);
});
