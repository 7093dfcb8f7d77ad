import assert from 'node:assert/strict';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';

import { NO_SERVICE_MANAGER, receiveNotifications } from '../support/service-manager.ts';
import { startUpgradable, untilGone } from '../support/upgrade.ts';
import { until } from '../support/until.ts';
import { createFolder } from '../support/yaml-program.ts';

/** A new version that accepts connections and does this when it may take the name, the pid file and the control socket. */
const acceptingThen = (code: string): string => `
  process.send({ type: 'hello', handover: 1, version: '9.0.0' });
  process.on('message', ({ type }) => {
    if (type === 'offer') process.send({ type: 'ready' });
    if (type === 'release') { ${code} }
  });
  setTimeout(() => process.exit(), 20_000);`;

test('an old process that has no request left waits until the new one has taken over all the same', async (context) => {
  const { program, install, upgrade } = await startUpgradable(context);
  install(
    acceptingThen("setTimeout(() => process.send({ type: 'serving' }, () => setTimeout(process.exit, 500)), 2_500)"),
  );
  const { code, stdout, stderr } = await upgrade();
  assert.deepEqual([code, stdout.startsWith('version 9.0.0 serves as process')], [0, true], stderr);
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
});

test('a new version that ends while it takes over is told as what it is: nobody serves', async (context) => {
  const { program, install, upgrade } = await startUpgradable(context);
  install(acceptingThen('process.exit(9)'));
  const { code, stdout, stderr } = await upgrade();
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(
    stderr,
    /version 9\.0\.0 accepted connections and then ended \(status 9\): nobody serves; start it anew/,
  );
  assert.deepEqual(await program.ended(), { code: 1, signal: null }, 'whoever watches starts it anew');
  assert.equal(program.logged('upgrade failed; nobody serves').length, 1);
});

test(
  'a stop while the service manager is told of the new process stops both, and nobody is told that it serves',
  { skip: NO_SERVICE_MANAGER },
  async (context) => {
    const told = await receiveNotifications(context);
    const slow = join(createFolder(context), 'systemd-notify');
    writeFileSync(
      slow,
      `#!/bin/sh\ncase "$1" in MAINPID*) touch "$0.told"; sleep 2;; esac\nPATH="\${PATH#*:}" exec systemd-notify "$@"\n`,
    );
    chmodSync(slow, 0o755);
    const { program, upgrade } = await startUpgradable(context, {
      env: {
        RWWWRSE_SHUTDOWN_DELAY: '3s',
        NOTIFY_SOCKET: told.path,
        PATH: `${dirname(slow)}:${process.env['PATH'] ?? ''}`,
      },
    });
    const asked = upgrade();
    await until('the service manager is being told', () => existsSync(`${slow}.told`));
    program.signal('SIGTERM');
    const { code, stderr } = await asked;
    assert.equal(code, 1);
    assert.match(stderr, /upgrade refused: the program stops/);
    assert.deepEqual(await program.ended(), { code: 0, signal: null });
    assert.equal(program.logged('upgrade: another process serves').length, 0);
    const [started] = program.logged('upgrade: the version on the disk starts');
    await untilGone(context, Number(started?.successor));
  },
);
