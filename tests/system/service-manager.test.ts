import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';

import { freePort } from '../support/free-port.ts';
import { INSPECT, runInWorker } from '../support/inspector.ts';
import { Load } from '../support/load.ts';
import { isRunning } from '../support/processes.ts';
import { startProgram } from '../support/program.ts';
import { NO_SERVICE_MANAGER, receiveNotifications, startActivated } from '../support/service-manager.ts';
import { startUpgradable } from '../support/upgrade.ts';
import { until } from '../support/until.ts';
import { createFolder } from '../support/yaml-program.ts';

const skip = NO_SERVICE_MANAGER;

test('the service manager is told of ready, reload, life and stop, in this order', { skip }, async (context) => {
  const told = await receiveNotifications(context);
  const program = await startProgram(context, {
    env: { NOTIFY_SOCKET: told.path, WATCHDOG_USEC: '400000' },
  });
  await told.untilTold('READY=1 STATUS=rwwwrse');
  await told.untilTold('WATCHDOG=1');
  program.signal('SIGHUP');
  const reloading = await told.untilTold('RELOADING=1 MONOTONIC_USEC=');
  const atUs = Number(/USEC=(\d+)$/.exec(reloading)?.[1]);
  const nowUs = Number(process.hrtime.bigint() / 1_000n);
  assert.ok(atUs < nowUs && atUs > nowUs - 60_000_000, reloading);
  await told.untilTold('READY=1 STATUS=last reload');
  program.signal('SIGTERM');
  await told.untilTold('STOPPING=1');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
  const order = told.messages
    .map((message) => message.replace(/(?: MONOTONIC| STATUS=).*/, ''))
    .filter((m) => !m.startsWith('W'));
  assert.deepEqual(order, ['READY=1', 'RELOADING=1', 'READY=1', 'STOPPING=1']);
});

test('a watchdog that is meant for another process is none of ours', { skip }, async (context) => {
  const told = await receiveNotifications(context);
  const program = await startProgram(context, {
    env: { NOTIFY_SOCKET: told.path, WATCHDOG_USEC: '20000', WATCHDOG_PID: '1' },
  });
  await told.untilTold('READY=1');
  program.signal('SIGTERM');
  await told.untilTold('STOPPING=1');
  assert.deepEqual(
    told.messages.filter((message) => message.startsWith('WATCHDOG')),
    [],
  );
});

test(
  'an upgrade tells the new main process before the old one can end, and the new one alone goes on telling',
  { skip },
  async (context) => {
    const told = await receiveNotifications(context);
    // As systemd sets it for the process that it starts.
    const asSystemd = 'data:text/javascript,process.env.WATCHDOG_PID ??= String(process.pid)';
    // Whoever does not wait for this message is ahead of it.
    const slow = join(createFolder(context), 'systemd-notify');
    writeFileSync(
      slow,
      `#!/bin/sh\ncase "$1" in MAINPID*) sleep 1;; esac\nPATH="\${PATH#*:}" exec systemd-notify "$@"\n`,
    );
    chmodSync(slow, 0o755);
    const { program, upgrade } = await startUpgradable(context, {
      env: {
        NOTIFY_SOCKET: told.path,
        WATCHDOG_USEC: '1000000',
        PATH: `${dirname(slow)}:${process.env['PATH'] ?? ''}`,
      },
      nodeFlags: ['--import', asSystemd],
    });
    assert.equal((await upgrade()).code, 0);
    const next = program.servingPids.at(-1);
    assert.deepEqual(await program.ended(), { code: 0, signal: null });
    await until(
      'the new one is ready',
      () => told.messages.filter((message) => message.startsWith('READY')).length === 2,
    );
    const changes = told.messages
      .filter((message) => !message.startsWith('WATCHDOG'))
      .map((message) => message.replace(/ STATUS.*/, ''));
    assert.deepEqual(changes, ['READY=1', `MAINPID=${next}`, 'READY=1']);
    const before = told.messages.length;
    await until('the new one tells of life', () => told.messages.slice(before).includes('WATCHDOG=1'));
  },
);

test(
  'without NOTIFY_SOCKET systemd cannot be told, so that an upgrade of its main process is refused',
  { skip },
  async (context) => {
    const pretend = `data:text/javascript,process.env.SYSTEMD_EXEC_PID = String(process.pid)`;
    const { upgrade } = await startUpgradable(context, { nodeFlags: ['--import', pretend] });
    const { code, stderr } = await upgrade();
    assert.equal(code, 1);
    assert.match(stderr, /systemd watches it and cannot be told of another process: use Type=notify/);
  },
);

test('a service manager that cannot be told is one warning, and the proxy serves', { skip }, async (context) => {
  const program = await startProgram(context, { env: { NOTIFY_SOCKET: join(createFolder(context), 'nobody') } });
  const warning = await program.untilLogged(
    'the service manager cannot be told (NOTIFY_SOCKET is set, but systemd-notify fails)',
  );
  assert.equal(warning.problem, 'status 1');
  assert.equal((await fetch(program.url('/live'))).status, 200);
});

test(
  'passed sockets are served, one worker for each of them at most, and an upgrade hands them on',
  { skip },
  async (context) => {
    const port = await freePort();
    const pidFile = join(createFolder(context), 'pid');
    const env = { RWWWRSE_WORKERS: '3', RWWWRSE_PID_FILE: pidFile };
    const program = startActivated(context, { sockets: [String(port), String(port)], port, env });
    const { workers } = await program.untilLogged('listening');
    assert.equal(workers, 2);
    const [warning] = program.logged(
      'fewer workers than wanted: the service manager passes fewer sockets; pass one for each worker',
    );
    assert.deepEqual([warning?.wanted, warning?.workers], [3, 2]);
    const load = new Load(context, port, 20);
    await until('both sockets are served', () => load.answers.size === 2 && load.total > 100);
    const [first] = program.servingPids;
    process.kill(first ?? 0, 'SIGUSR2');
    await program.untilLogged('upgrade: another process serves');
    const again = await program.untilLogged('listening', 10_000, 2);
    assert.equal(again.workers, 2, 'a third worker could not open a socket of its own');
    await until('the first process is gone', () => !isRunning(first ?? 0));
    const before = load.total;
    await until('the load goes on', () => load.total > before + 100);
    await load.stop();
    assert.deepEqual([load.refused, load.wrong, load.losses], [0, 0, []]);
  },
);

test(
  'a worker that dies takes a passed socket with it: the program ends with status 1, for the service manager to pass it anew',
  { skip },
  async (context) => {
    const port = await freePort();
    const program = startActivated(context, {
      sockets: [String(port)],
      port,
      env: { NODE_OPTIONS: INSPECT.join(' ') },
    });
    await program.untilLogged('listening');
    await runInWorker(program, 'data-0', 'process.exit(1)');
    await program.untilLogged('the program ends with status 1; it must be started anew');
    assert.deepEqual(await program.ended(), { code: 1, signal: null });
  },
);

test(
  'a passed socket on an address where no listener is, and one that is no listening socket, are refused in one line',
  { skip },
  async (context) => {
    const [port, other] = [await freePort(), await freePort()];
    const stray = startActivated(context, { sockets: [String(port), String(other)], port });
    assert.equal((await stray.ended()).code, 1);
    assert.match(
      stray.stderr,
      new RegExp(
        `the service manager passes a socket \\(\\) on 127.0.0.1:${other}, where no listener is; configured are main 127.0.0.1:${port}`,
      ),
    );
    const datagrams = startActivated(context, { sockets: [`udp:${other}`], port });
    assert.equal((await datagrams.ended()).code, 1);
    assert.match(datagrams.stderr, /descriptor 3 \(\) of the service manager is no listening TCP or unix socket/);
  },
);

test('sockets for another process are left alone, and that is told', { skip }, async (context) => {
  const program = await startProgram(context, { env: { LISTEN_FDS: '1', LISTEN_PID: '1' } });
  assert.match(program.stderr, /warning: the sockets of the service manager are for process 1, not for this one/);
});
