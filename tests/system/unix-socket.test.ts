import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { INSPECT, runInWorker } from '../support/inspector.ts';
import { type Program, type ProgramOptions, startProgram } from '../support/program.ts';
import { getThrough } from '../support/unix-client.ts';
import { until } from '../support/until.ts';

function createFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A program that listens on `path` beside its port. */
async function startOnSocket(context: TestContext, path: string, options: ProgramOptions = {}): Promise<Program> {
  const config = join(createFolder(context), 'config.yaml');
  writeFileSync(config, `listeners:\n  - name: local\n    address: unix:${path}\n    mode: "0600"\n`);
  return startProgram(context, { ...options, args: ['--config', config] });
}

test('a unix socket has its mode, serves, and its path is removed at the end', async (context) => {
  const folder = createFolder(context);
  const path = join(folder, 'rwwwrse.sock');
  const program = await startOnSocket(context, path);
  assert.equal(await getThrough(path), 200);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder), ['rwwwrse.sock']);
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
  assert.equal(existsSync(path), false);
});

test('a unix socket outlives its worker: after a throw without a gap, after a death with a replacement', async (context) => {
  const path = join(createFolder(context), 'rwwwrse.sock');
  const program = await startOnSocket(context, path, { nodeFlags: INSPECT });
  const seen = new Set<number | string>();
  const state = { polling: true };
  const poll = (async () => {
    while (state.polling) seen.add(await getThrough(path));
  })();
  await runInWorker(program, 'data-0', 'throw new Error("drill")');
  await program.untilLogged('worker replaced');
  await until('the defective worker is gone', () => listeningFor(path) === 1);
  state.polling = false;
  await poll;
  assert.deepEqual([...seen], [200]);

  await runInWorker(program, 'data-0', 'process.exit(1)');
  await program.untilLogged('worker replaced', 10_000, 2);
  assert.equal(await getThrough(path), 200);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a stale socket file is replaced; a living one, and a file that is no socket, are refused in one line', async (context) => {
  const folder = createFolder(context);
  const path = join(folder, 'rwwwrse.sock');
  const first = await startOnSocket(context, path);
  first.signal('SIGKILL');
  await first.ended();
  assert.equal(existsSync(path), true, 'a killed program leaves its socket');
  const second = await startOnSocket(context, path);
  assert.equal(await getThrough(path), 200);

  const third = await startOnSocket(context, path, { awaitReady: false });
  assert.deepEqual(await third.ended(), { code: 1, signal: null });
  const problems = third.errorLines.filter((line) => !line.includes(': warning: '));
  assert.equal(problems.length, 1, third.stderr);
  assert.match(problems[0] ?? '', /listener local: unix:.* is in use by another program/);
  assert.equal(await getThrough(path), 200);
  second.signal('SIGTERM');
  await second.ended();

  const plain = join(folder, 'plain');
  writeFileSync(plain, 'precious');
  const fourth = await startOnSocket(context, plain, { awaitReady: false });
  assert.deepEqual(await fourth.ended(), { code: 1, signal: null });
  assert.match(fourth.stderr, /is not a socket; move it away/);
  assert.equal(statSync(plain).size, 8);
});

/** Sockets that listen for this path; the kernel names them as they were bound. */
function listeningFor(path: string): number {
  // Flag 00010000: listening (SO_ACCEPTCON).
  const lines = readFileSync('/proc/net/unix', 'latin1').split('\n');
  return lines.filter((line) => line.includes(' 00010000 ') && line.includes(` ${path}`)).length;
}
