import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { isRunning } from '../support/processes.ts';
import type { Program } from '../support/program.ts';
import { startUpgradable, untilGone } from '../support/upgrade.ts';
import { until } from '../support/until.ts';
import { createFolder } from '../support/yaml-program.ts';

/** As a program of another version begins, then whatever it does. */
const saying = (message: string): string => `process.send(${message}); setInterval(() => undefined, 1000);\n`;

/** Process id of the last new version that was started. */
function successorOf(program: Program): number {
  const started = program.logged('upgrade: the version on the disk starts');
  return Number(started.at(-1)?.successor);
}

test('whatever is wrong with the new version, it is ended, the reason is told, and the old version goes on', async (context) => {
  const { program, pidFile, install, upgrade } = await startUpgradable(context);
  for (const [code, reason] of [
    ['process.exit(7);\n', 'it ended (status 7) before it served'],
    ['process.kill(process.pid, "SIGKILL");\n', 'it ended (SIGKILL) before it served'],
    ['const x = ;\n', 'it ended (status 1) before it served'],
    [
      saying('{ type: "hello", handover: 2, version: "9.0.0" }'),
      'speaks version 1 of the handover, the new one 2; restart',
    ],
    [saying('"ready"'), 'the new one another one; restart it instead'],
  ] as const) {
    install(code);
    const ended = await upgrade();
    assert.deepEqual([ended.code, ended.stdout], [1, '']);
    assert.ok(ended.stderr.includes('rwwwrse: upgrade refused: the new version was given up: '), ended.stderr);
    assert.ok(ended.stderr.includes(reason), ended.stderr);
    assert.equal((await fetch(program.url('/live'))).status, 200);
    assert.equal(readFileSync(pidFile, 'utf8'), `${program.pid}\n`);
    await untilGone(context, successorOf(program));
  }
});

test('a new version that does not serve in time is ended, even when it hears nothing', async (context) => {
  const { program, install, upgrade } = await startUpgradable(context, { env: { RWWWRSE_UPGRADE_TIMEOUT: '1s' } });
  for (const code of [
    'process.on("SIGTERM", () => undefined); for (;;);\n',
    saying('{ type: "hello", handover: 1, version: "9" }'),
  ]) {
    install(code);
    const ended = await upgrade();
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /it does not serve after 1 s/);
    assert.equal((await fetch(program.url('/live'))).status, 200);
    await untilGone(context, successorOf(program));
  }
});

test('a program that is gone from the disk is a reason, too', async (context) => {
  const { program, remove, upgrade } = await startUpgradable(context);
  remove();
  const ended = await upgrade('--json');
  assert.equal(ended.code, 1);
  assert.equal((JSON.parse(ended.stdout) as { ok: boolean }).ok, false);
  assert.equal((await fetch(program.url('/live'))).status, 200);
});

test('a configuration that the new version refuses is told by its first problem', async (context) => {
  const file = join(createFolder(context), 'config.yaml');
  writeFileSync(file, 'hot_reload: false\n');
  const { program, upgrade } = await startUpgradable(context, { args: ['--config', file] });
  writeFileSync(file, 'hot_reload: false\nrouts: {}\nrewrits: {}\n');
  const { code, stderr } = await upgrade();
  assert.equal(code, 1);
  assert.match(stderr, /its configuration is refused: .*(?:routs|rewrits).* \(and 1 more\)/);
  assert.equal((await fetch(program.url('/live'))).status, 200);
});

test('the last good configuration is no reason for a new version to take over with it', async (context) => {
  const folder = createFolder(context);
  const file = join(folder, 'config.yaml');
  const good = `hot_reload: false\nlast_good: { path: ${folder}/last.json, fallback: true }\n`;
  writeFileSync(file, good);
  const { upgrade } = await startUpgradable(context, { args: ['--config', file] });
  await until('it is kept', () => {
    try {
      return readFileSync(`${folder}/last.json`, 'utf8') !== '';
    } catch {
      return false;
    }
  });
  writeFileSync(file, `${good}routs: {}\n`);
  const { code, stderr } = await upgrade();
  assert.equal(code, 1, stderr);
  assert.match(stderr, /its configuration is refused/);
});

test('two upgrades at once: one is done, the other is refused', async (context) => {
  const { program, upgrade } = await startUpgradable(context);
  const ends = await Promise.all([upgrade(), upgrade()]);
  assert.equal(ends.filter(({ code }) => code === 0).length, 1);
  const refused = ends.find(({ code }) => code === 1);
  assert.match(refused?.stderr ?? '', /an upgrade is under way|answers its last requests/);
  await program.ended();
});

test('a stop during an upgrade stops both: no process is left, and the port is free', async (context) => {
  const { program, install, upgrade } = await startUpgradable(context);
  install('setInterval(() => undefined, 1000);\n');
  const asked = upgrade();
  await program.untilLogged('upgrade: the version on the disk starts');
  const successor = successorOf(program);
  assert.equal(isRunning(successor), true);
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
  await untilGone(context, successor);
  assert.match((await asked).stderr, /the program stops|closed|ended/);
});

for (const [name, env, options, reason] of [
  ['below npm', { npm_lifecycle_event: 'start' }, {}, /npm watches it and would end with it/],
  ['below a launcher', {}, { launcher: true }, /npm watches it and would end with it/],
] as const) {
  test(`${name} an upgrade is refused, since the end of this process ends the service`, async (context) => {
    const { program, upgrade } = await startUpgradable(context, { env, ...options });
    const { code, stderr } = await upgrade();
    assert.equal(code, 1);
    assert.match(stderr, reason);
    assert.equal(program.logged('upgrade: the version on the disk starts').length, 0);
  });
}

test('SIGUSR2 upgrades as well, and tells the outcome in the log', async (context) => {
  const { program, install, restore } = await startUpgradable(context);
  install('process.exit(3);\n');
  program.signal('SIGUSR2');
  const refused = await program.untilLogged('upgrade refused; this version goes on');
  assert.match(String(refused.reason), /status 3/);
  restore();
  program.signal('SIGUSR2');
  const served = await program.untilLogged('upgrade: another process serves');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
  assert.equal(isRunning(Number(served.successor)), true);
});
