import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { startHeldBackend } from '../support/held-backend.ts';
import { getOnce, RawConnection } from '../support/http-client.ts';
import { allProcesses, processTree } from '../support/processes.ts';
import { startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';

const DELAYED = { RWWWRSE_SHUTDOWN_DELAY: '1500ms' };

test('a second instance on the same port fails in one line; the first one does not notice', async (context) => {
  const first = await startProgram(context);
  const connection = await new RawConnection(first.port).opened();
  context.after(() => connection.destroy());
  const second = await startProgram(context, { port: first.port, awaitReady: false });
  assert.deepEqual(await second.ended(), { code: 1, signal: null });
  assert.equal(second.errorLines.length, 1, second.stderr);
  assert.match(
    second.stderr,
    new RegExp(`^rwwwrse: listener main: 127\\.0\\.0\\.1:${first.port} is in use by another program .*\n$`),
  );
  assert.equal(second.stdout.includes('"listening"'), false);
  connection.get('/live');
  assert.equal((await connection.answer()).status, 200);
  for (let i = 0; i < 20; i++) assert.equal((await getOnce(first.port, '/live')).status, 200);
});

test('a wrong configuration: exit status 1, every problem one line on standard error, no stack', async (context) => {
  const program = await startProgram(context, {
    env: { RWWWRSE_WORKERS: 'many', RWWWRSE_SHUTDOWN_TIMEOUT: 'soon', RWWWRSE_DEFAULT_BACKEND: 'gopher://x' },
    awaitReady: false,
  });
  assert.deepEqual(await program.ended(), { code: 1, signal: null });
  assert.equal(program.errorLines.length, 3, program.stderr);
  for (const line of program.errorLines)
    assert.match(line, /^rwwwrse: .*RWWWRSE_(WORKERS|SHUTDOWN_TIMEOUT|DEFAULT_BACKEND)/);
  assert.doesNotMatch(program.stderr, /\n {4}at |Error:/);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} drains: not ready at once, requests in flight are answered, then exit status 0`, async (context) => {
    const backend = await startHeldBackend(context);
    const program = await startProgram(context, { env: { ...DELAYED, RWWWRSE_DEFAULT_BACKEND: backend.url } });
    const [busy, idle, probe] = await Promise.all([1, 2, 3].map(() => new RawConnection(program.port).opened()));
    assert.ok(busy !== undefined && idle !== undefined && probe !== undefined);
    idle.get('/idle');
    assert.equal((await idle.answer()).status, 200);
    busy.get('/held');
    await until('the request waits at the backend', () => backend.waiting === 1);

    program.signal(signal);
    await program.untilLogged('stopping');
    const ready = await getOnce(program.port, '/ready');
    assert.equal(ready.status, 503);
    assert.match(ready.body, /"ready":false.*"message":"shutting down"/);
    assert.equal((await getOnce(program.port, '/live')).status, 200);
    assert.equal((await getOnce(program.port, '/served-during-the-delay')).status, 200);

    await until('new connections are refused', async () => {
      const connection = await new RawConnection(program.port).opened();
      const { closed, errorCode } = connection;
      connection.destroy();
      return closed && errorCode === 'ECONNREFUSED';
    });
    await idle.untilClosed();
    assert.equal(idle.errorCode, null, 'an idle connection was reset');
    assert.equal(program.child.exitCode, null, 'it ended before its last answer');
    backend.release();
    const last = await busy.answer();
    assert.deepEqual([last.status, last.body], [200, 'held\n']);
    assert.match(last.head, /\r\nConnection: close/i);
    assert.deepEqual(await program.ended(), { code: 0, signal: null });
    assert.equal(program.logged('stopped').length, 1);
  });
}

test('a request that does not end gets 503 with the reason at the end of the shutdown timeout, and the exit status is 0', async (context) => {
  const backend = await startHeldBackend(context);
  const program = await startProgram(context, {
    env: { RWWWRSE_SHUTDOWN_TIMEOUT: '1s', RWWWRSE_DEFAULT_BACKEND: backend.url },
  });
  const busy = await new RawConnection(program.port).opened();
  busy.get('/held');
  await until('the request waits at the backend', () => backend.waiting === 1);
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
  await busy.untilClosed();
  const answer = busy.take();
  assert.equal(answer?.status, 503);
  assert.match(answer.body, /"code":"shutting_down"/);
});

test('two signals within one second are one: a terminal sends Ctrl-C to the program and to its launcher', async (context) => {
  const backend = await startHeldBackend(context);
  const program = await startProgram(context, { env: { RWWWRSE_DEFAULT_BACKEND: backend.url } });
  const busy = await new RawConnection(program.port).opened();
  busy.get('/held');
  await until('the request waits at the backend', () => backend.waiting === 1);
  program.signal('SIGINT');
  program.signal('SIGTERM');
  await program.untilLogged('stopping');
  program.signal('SIGINT');
  await until('new connections are refused', async () => (await getOnce(program.port, '/')).status === 0);
  backend.release();
  assert.equal((await busy.answer()).status, 200);
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
  assert.equal(program.logged('ended at once').length, 0);
});

test('a second signal after more than a second ends the program at once', async (context) => {
  const backend = await startHeldBackend(context);
  const program = await startProgram(context, { env: { RWWWRSE_DEFAULT_BACKEND: backend.url } });
  const busy = await new RawConnection(program.port).opened();
  busy.get('/held');
  await until('the request waits at the backend', () => backend.waiting === 1);
  program.signal('SIGINT');
  const stopping = await program.untilLogged('stopping');
  await until('a second has passed', () => Date.now() - Date.parse(String(stopping.time)) > 1_100);
  program.signal('SIGINT');
  assert.deepEqual(await program.ended(), { code: 130, signal: null });
  assert.equal(program.logged('ended at once').length, 1);
});

test('a stop while the program starts ends it with status 0, and it never says that it listens', async (context) => {
  const program = await startProgram(context, { awaitReady: false, env: { RWWWRSE_WORKERS: '8' } });
  await until('its threads start', () => threadsOf(program.pid) > 12);
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
  assert.deepEqual([program.logged('stopping').length, program.logged('listening').length], [1, 0], program.stdout);
});

test('the serving process, and no other, has the name rwwwrse; a draining one gives it up', async (context) => {
  const backend = await startHeldBackend(context);
  const program = await startProgram(context, { env: { RWWWRSE_DEFAULT_BACKEND: backend.url } });
  assert.deepEqual(
    processTree(program.pid)
      .filter(({ name }) => name === 'rwwwrse')
      .map(({ pid }) => pid),
    [program.pid],
  );
  const busy = await new RawConnection(program.port).opened();
  busy.get('/held');
  await until('the request waits at the backend', () => backend.waiting === 1);
  program.signal('SIGTERM');
  await program.untilLogged('stopping');
  assert.notEqual(allProcesses().find(({ pid }) => pid === program.pid)?.name, 'rwwwrse');
  backend.release();
  await busy.answer();
  await program.ended();

  const command = await startProgram(context, { args: ['--version'], awaitReady: false });
  const names = new Set<string>();
  while (command.child.exitCode === null) {
    for (const { name } of processTree(command.pid)) names.add(name);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await command.ended();
  assert.deepEqual([command.stdout, command.stderr, command.child.exitCode], ['rwwwrse 1.0.0\n', '', 0]);
  assert.equal(names.has('rwwwrse'), false, [...names].join(' '));
});

test('the pid file is written when the program serves and removed when it ends', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'rwwwrse.pid');
  const program = await startProgram(context, { env: { RWWWRSE_PID_FILE: path } });
  assert.equal(readFileSync(path, 'utf8'), `${program.pid}\n`);
  program.signal('SIGTERM');
  await program.ended();
  assert.equal(existsSync(path), false);

  const other = await startProgram(context, { env: { RWWWRSE_PID_FILE: path } });
  writeFileSync(path, '1\n');
  other.signal('SIGTERM');
  await other.ended();
  assert.equal(readFileSync(path, 'utf8'), '1\n', 'the pid file of another process was removed');

  const without = await startProgram(context, { env: { RWWWRSE_PID_FILE: join(folder, 'missing/rwwwrse.pid') } });
  assert.deepEqual(
    without.logged('the pid file cannot be written').map(({ level, code }) => [level, code]),
    [['WARN', 'ENOENT']],
  );
});

test('no process that the program starts inherits its sockets: nobody would accept from them', async (context) => {
  const program = await startProgram(context);
  const folder = `/proc/${program.pid}/fd`;
  const sockets = readdirSync(folder).filter(
    (fd) => Number(fd) > 2 && (readlinkIfOpen(join(folder, fd)) ?? '').startsWith('socket:'),
  );
  assert.ok(sockets.length >= 2, `${sockets.length} sockets`);
  for (const fd of sockets) {
    const flags = /flags:\s+(\d+)/.exec(readFileSync(`/proc/${program.pid}/fdinfo/${fd}`, 'latin1'))?.[1] ?? '';
    assert.ok((Number.parseInt(flags, 8) & 0o2000000) !== 0, `descriptor ${fd} is not closed on exec (flags ${flags})`);
  }
});

function threadsOf(pid: number): number {
  return existsSync(`/proc/${pid}/task`) ? readdirSync(`/proc/${pid}/task`).length : 0;
}

function readlinkIfOpen(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
