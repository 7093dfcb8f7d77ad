import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { startHeldBackend } from '../support/held-backend.ts';
import { getOnce, RawConnection } from '../support/http-client.ts';
import { INSPECT, runInWorker } from '../support/inspector.ts';
import { Load } from '../support/load.ts';
import { allProcesses, isRunning } from '../support/processes.ts';
import { startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';

/** Hashes for hours: no thread and no signal can interrupt it. */
const HANG = 'process.getBuiltinModule("node:crypto").pbkdf2Sync("a", "b", 2_000_000_000, 64, "sha512")';

function createFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Code that blocks a thread in the kernel: nobody ever writes into the pipe. */
function readFromSilentPipe(folder: string): string {
  const path = join(folder, 'silent');
  execFileSync('mkfifo', [path]);
  return `process.getBuiltinModule("node:fs").readFileSync(${JSON.stringify(path)})`;
}

test('a worker that hangs in a native call: a successor takes the port, the name and the pid file over', async (context) => {
  const backend = await startHeldBackend(context);
  const pidFile = join(createFolder(context), 'rwwwrse.pid');
  const program = await startProgram(context, {
    nodeFlags: INSPECT,
    env: { RWWWRSE_DEFAULT_BACKEND: backend.url, RWWWRSE_PID_FILE: pidFile },
  });
  const load = new Load(context, program.port, 30);
  await until('both workers serve', () => load.answers.size === 2 && load.total > 300);
  const doubles: number[] = [];
  const watch = setInterval(() => {
    const own = allProcesses().filter(({ pid, name }) => name === 'rwwwrse' && program.servingPids.includes(pid));
    if (own.length > 1) doubles.push(own.length);
  }, 20);
  context.after(() => clearInterval(watch));
  await runInWorker(program, 'data-0', HANG);

  const report = await program.untilLogged('a worker does not respond');
  assert.deepEqual([report.worker, report.blocking_function], [0, 'unknown (a native call)']);
  const answered = load.total;
  const handOver = await program.untilLogged('a successor serves', 20_000);
  assert.ok(load.total > answered + 100, 'traffic stood still while the successor started');
  const successor = Number(handOver.successor);
  assert.deepEqual(await program.ended(), { code: 1, signal: null });
  await until('the pid file names the successor', () => readFileSync(pidFile, 'utf8') === `${successor}\n`);
  assert.equal(allProcesses().find(({ pid }) => pid === successor)?.name, 'rwwwrse');

  const before = load.total;
  await until('the successor serves the load', () => load.total > before + 500);
  await load.stop();
  // What the hanging worker carried, and what its accept queue swallowed afterwards; whoever reads a loss knows its worker.
  const stuck = new Set(load.losses.map(({ worker }) => worker).filter((worker) => worker !== ''));
  assert.equal(stuck.size, 1, JSON.stringify(load.losses));
  assert.deepEqual([load.refused, load.wrong], [0, 0]);
  assert.deepEqual(doubles, [], 'two processes carried the name at the same time');

  process.kill(successor, 'SIGTERM');
  await until('the successor ended', () => !isRunning(successor));
  assert.equal(existsSync(pidFile), false, 'the pid file is left');
});

test('an upgrade that is asked for while a successor starts in place of a hanging worker is refused: one successor is enough', async (context) => {
  const pidFile = join(createFolder(context), 'rwwwrse.pid');
  const program = await startProgram(context, { nodeFlags: INSPECT, env: { RWWWRSE_PID_FILE: pidFile } });
  await runInWorker(program, 'data-0', readFromSilentPipe(createFolder(context)));
  await program.untilLogged('a thread cannot be ended; the program must be replaced', 15_000);
  program.signal('SIGUSR2');
  const { reason } = await program.untilLogged('upgrade refused; this version goes on');
  assert.equal(reason, 'the program is being replaced, or stops');
  await program.ended();
  assert.equal(program.servingPids.length, 2);
});

test('connections that wait for a hanging worker are answered by its successor', async (context) => {
  const program = await startProgram(context, { nodeFlags: INSPECT, env: { RWWWRSE_WORKERS: '1' } });
  await runInWorker(program, 'data-0', `process.stderr.write("hangs\\n"); ${HANG}`);
  await until('the worker hangs', () => program.errorLines.includes('hangs'));
  // The only worker hangs: whatever is opened now waits in its socket's queue.
  const waiting = await Promise.all(Array.from({ length: 10 }, () => new RawConnection(program.port).opened()));
  for (const connection of waiting) connection.get('/live');
  await program.untilLogged('listening', 30_000, 2);
  for (const connection of waiting) assert.equal((await connection.answer()).status, 200);
});

test('below a launcher a hanging worker ends the program with status 1, for whoever watches to start it anew', async (context) => {
  const program = await startProgram(context, { nodeFlags: INSPECT, launcher: true });
  await runInWorker(program, 'data-1', readFromSilentPipe(createFolder(context)));
  await program.untilLogged('a thread cannot be ended; the program must be replaced', 15_000);
  assert.deepEqual(await program.ended(), { code: 1, signal: null });
  assert.equal(program.logged('a successor serves').length, 0);
  assert.equal(program.logged('the program ends with status 1; it must be started anew').length, 1);
});

test('a reload does not wait for a worker that hangs in a native call once it is given up', async (context) => {
  const folder = createFolder(context);
  const file = join(folder, 'config.yaml');
  const write = (path: string): void =>
    writeFileSync(file, `hot_reload: false\nroutes: { r: { path: ${path}, target: "http://127.0.0.1:1" } }\n`);
  write('/one');
  const program = await startProgram(context, { nodeFlags: INSPECT, args: ['--config', file], launcher: true });
  const code = `process.stderr.write("hangs\\n"); ${readFromSilentPipe(folder)}`;
  await runInWorker(program, 'data-1', code);
  await until('the worker hangs', () => program.errorLines.includes('hangs'));
  write('/two');
  program.signal('SIGHUP');
  await program.ended();
  const told = program.log.map(({ msg }) => msg);
  const [givenUp, reloaded, replaced] = [
    'a worker does not respond',
    'configuration reloaded',
    'a thread cannot be ended; the program must be replaced',
  ].map((msg) => told.indexOf(msg)) as [number, number, number];
  assert.ok(givenUp !== -1 && givenUp < reloaded && reloaded < replaced, told.join('\n'));
});

test('a stop ends in time and with status 0 although a worker hangs in a native call', async (context) => {
  const program = await startProgram(context, { nodeFlags: INSPECT, env: { RWWWRSE_SHUTDOWN_TIMEOUT: '1s' } });
  await runInWorker(
    program,
    'data-0',
    `process.stderr.write("hangs\\n"); ${readFromSilentPipe(createFolder(context))}`,
  );
  await until('the worker hangs', () => program.errorLines.includes('hangs'));
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
});

test('a second signal ends the program at once although a worker hangs in a native call', async (context) => {
  const backend = await startHeldBackend(context);
  const program = await startProgram(context, { nodeFlags: INSPECT, env: { RWWWRSE_DEFAULT_BACKEND: backend.url } });
  void getOnce(program.port, '/held');
  await until('a request waits at the backend', () => backend.waiting === 1);
  await runInWorker(program, 'data-0', readFromSilentPipe(createFolder(context)));
  program.signal('SIGTERM');
  await program.untilLogged('stopping');
  const repeat = setInterval(() => program.signal('SIGTERM'), 400);
  context.after(() => clearInterval(repeat));
  assert.deepEqual(await program.ended(), { code: 130, signal: null });
});
