import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { runCommand } from '../support/command.ts';
import { getOnce } from '../support/http-client.ts';
import { type HttpBackend, startHttpBackend } from '../support/http-backend.ts';
import { type NameServer, startNameServer } from '../support/name-server.ts';
import { openDescriptors } from '../support/process-figures.ts';
import { startProgram } from '../support/program.ts';
import { NO_SERVICE_MANAGER, receiveNotifications } from '../support/service-manager.ts';
import { startUpgradable, untilGone } from '../support/upgrade.ts';
import { until } from '../support/until.ts';
import { createFolder } from '../support/yaml-program.ts';

interface Stage {
  readonly file: string;
  readonly server: NameServer;
  readonly backend: HttpBackend;
  /** Writes the configuration with this path, and a backend that is named or not. */
  readonly write: (path: string, host?: string) => void;
}

/** A configuration with a name, so that a start takes as long as the name server lets it. */
async function createStage(context: TestContext, timeout = '2s'): Promise<Stage> {
  const server = await startNameServer(context);
  server.zones.set('app.test', { a: ['127.0.0.1'], ttl: 1 });
  const backend = await startHttpBackend(context, (_request, response) => void response.end('ok'));
  const file = join(createFolder(context), 'config.yaml');
  const write = (path: string, host = 'app.test'): void =>
    writeFileSync(
      file,
      `hot_reload: false
discovery: { servers: ["${server.address}"], timeout: ${timeout} }
routes: { r: { path: ${path}, target: "http://${host}:${backend.port}" } }
`,
    );
  write('/one');
  return { file, server, backend, write };
}

test('a reload that is asked for while the program starts is done when it serves', async (context) => {
  const { file, server, write } = await createStage(context);
  server.silent = true;
  const program = await startProgram(context, { args: ['--config', file], awaitReady: false });
  await until('the program starts', () => server.questions.length > 0);
  write('/two', '127.0.0.1');
  program.signal('SIGHUP');
  await program.untilLogged('listening');
  await until('the reload is done', () => program.log.some(({ msg }) => /^(?:configuration|reload)/.test(msg)));
  assert.deepEqual(program.logged('reload refused: the configuration before it goes on'), []);
  assert.equal((await getOnce(program.port, '/two')).status, 200);
});

test('a reload that is asked for during an upgrade holds for the new version, too, which had read the file before', async (context) => {
  const { file, server, write } = await createStage(context, '12s');
  const { program, pidFile, upgrade } = await startUpgradable(context, { args: ['--config', file] });
  server.zones.set('app.test', { a: ['127.0.0.1'], ttl: 1, delayMs: 3_000 });
  const asked = server.questions.length;
  const upgraded = upgrade();
  await program.untilLogged('upgrade: the version on the disk starts');
  // Those of the old version that come again in between are no harm: the new one waits longer for its answer.
  await until('the new version has read the file', () => server.questions.length > asked + 2);
  write('/two');
  const { code, stderr } = await runCommand(['reload', '--socket', `${pidFile}.sock`]);
  // On a slow machine the new version is faster than the reload.
  if (code !== 0) assert.match(stderr, /another process serves by now/);
  assert.equal((await upgraded).code, 0);
  await untilGone(context, program.pid);
  await until('the new version has it', async () => (await getOnce(program.port, '/two')).status === 200);
});

test('a reload that is under way when another process takes over is answered, not left without a word', async (context) => {
  const { file, server, write } = await createStage(context, '20s');
  const { program, pidFile, upgrade } = await startUpgradable(context, { args: ['--config', file] });
  server.zones.set('slow.test', { trouble: 'silent' });
  write('/two', 'slow.test');
  const asked = runCommand(['reload', '--socket', `${pidFile}.sock`]);
  await until('the reload waits for a name', () => server.asked('slow.test') > 0);
  write('/three');
  assert.equal((await upgrade()).code, 0);
  await program.ended();
  const { code, stderr } = await asked;
  assert.equal(code, 1);
  assert.match(stderr, /another process serves by now/);
  assert.equal((await getOnce(program.port, '/three')).status, 200);
});

test('a reload for which no descriptor is left is refused with the reason, and is no defect', async (context) => {
  const { file, write } = await createStage(context);
  const program = await startProgram(context, { args: ['--config', file] });
  const limit = (soft: number): void => {
    execFileSync('prlimit', ['--pid', String(program.pid), `--nofile=${soft}:`]);
  };
  limit(openDescriptors(program.pid));
  write('/two');
  program.signal('SIGHUP');
  const { problems } = await program.untilLogged('reload refused: the configuration before it goes on');
  assert.deepEqual(problems, ['the configuration could not be read: its process cannot be started (EMFILE)']);
  limit(1_000);
  program.signal('SIGHUP');
  await program.untilLogged('configuration reloaded');
  assert.deepEqual(program.logged('internal defect in main'), []);
});

test(
  'the service manager is told of every reload once, however many asked for it',
  { skip: NO_SERVICE_MANAGER },
  async (context) => {
    const { file, write } = await createStage(context);
    const told = await receiveNotifications(context);
    const program = await startProgram(context, { args: ['--config', file], env: { NOTIFY_SOCKET: told.path } });
    await told.untilTold('READY=1 STATUS=rwwwrse');
    write('/two');
    for (let i = 0; i < 200; i++) {
      program.signal('SIGHUP');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await program.untilLogged('configuration reloaded');
    program.signal('SIGTERM');
    await told.untilTold('STOPPING=1');
    await program.ended();
    const reloads = program.log.filter(({ msg }) => /^(?:configuration reloaded|reload refused)/.test(msg)).length;
    const begun = told.messages.filter((message) => message.startsWith('RELOADING=1')).length;
    // The stop may come into the middle of one, which then has no outcome.
    assert.ok(begun === reloads || begun === reloads + 1, `${begun} begun, ${reloads} done`);
    assert.ok(begun < 10, `${begun} reloads`);
  },
);
