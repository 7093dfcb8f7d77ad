import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { freePort } from '../support/free-port.ts';
import { startHeldBackend } from '../support/held-backend.ts';
import { getOnce, RawConnection } from '../support/http-client.ts';
import { allProcesses, isRunning, killStarted, processTree } from '../support/processes.ts';
import { programEnv } from '../support/program.ts';
import { until } from '../support/until.ts';

const ROOT = join(import.meta.dirname, '../..');
const CTRL_C = '\u0003';

/** With exec, because the shell of `script` would end by Ctrl-C itself and hide the status. */
const NPM_START = 'exec npm start --silent';
const LAUNCHER = 'exec node scripts/start.mjs';

/** `npm start` in a pseudo-terminal of its own. */
interface Terminal {
  readonly child: ChildProcess;
  readonly port: number;
  readonly ended: () => Promise<number>;
  /** Everything it has shown. */
  readonly output: () => string;
  /** The serving process. */
  readonly programPid: number;
  /** The process that runs scripts/start.mjs, or null where it became the program itself. */
  readonly launcherPid: number | null;
}

async function startInTerminal(
  context: TestContext,
  command: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Terminal> {
  const port = await freePort();
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    cwd: ROOT,
    env: { ...programEnv(port), TERM: 'dumb', PATH: pathWithoutThisNode(), ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const members = new Set<number>([child.pid as number]);
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  context.after(async () => {
    for (const pid of members) killStarted(pid);
    await until('everything that npm started ended', () => ![...members].some(isRunning));
  });
  await until(
    'npm start serves',
    () => {
      for (const { pid } of processTree(child.pid as number)) members.add(pid);
      if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}: ${output}`);
      return output.includes('"listening"');
    },
    20_000,
  );
  const tree = processTree(child.pid as number);
  for (const { pid } of tree) members.add(pid);
  const running = (script: string): number | null =>
    tree.find(({ pid }) => argumentsOf(pid).includes(script))?.pid ?? null;
  return {
    child,
    port,
    ended: () =>
      until('the terminal ended', () => (child.exitCode === null ? null : { status: child.exitCode })).then(
        ({ status }) => status,
      ),
    output: () => output,
    programPid: Number(/"pid":(\d+)/.exec(output)?.[1]),
    launcherPid: running('scripts/start.mjs'),
  };
}

/** The Node and npm of the system, as a user has them: not the one that runs this test. */
function pathWithoutThisNode(): string {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== dirname(process.execPath))
    .join(delimiter);
}

function argumentsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Everything of the terminal but the terminal itself. */
function leftOver({ child }: Terminal): readonly string[] {
  return processTree(child.pid as number).map(({ pid, name }) => `${pid} ${name}`);
}

/** One drain after Ctrl-C: the request in flight is answered, nothing is left. */
async function assertCtrlCDrains(context: TestContext, command: string): Promise<number | null> {
  const backend = await startHeldBackend(context);
  const terminal = await startInTerminal(context, command, { RWWWRSE_DEFAULT_BACKEND: backend.url });
  assert.equal((await getOnce(terminal.port, '/')).status, 200);
  const before = processTree(terminal.child.pid as number).map(({ pid }) => pid);
  const busy = await new RawConnection(terminal.port).opened();
  busy.get('/held');
  await until('the request waits at the backend', () => backend.waiting === 1);
  terminal.child.stdin?.write(CTRL_C);
  await until('it drains', () => terminal.output().includes('"stopping"'));
  backend.release();
  assert.equal((await busy.answer()).status, 200);
  const status = await terminal.ended();
  assert.deepEqual(
    [terminal.output().includes('"stopped"'), terminal.output().includes('ended at once')],
    [true, false],
  );
  assert.deepEqual(before.filter(isRunning), []);
  assert.deepEqual(leftOver(terminal), []);
  return status;
}

test('Ctrl-C in a terminal reaches the launcher and the program: one clean drain, status 0, no process is left', async (context) => {
  assert.equal(await assertCtrlCDrains(context, LAUNCHER), 0);
});

test('Ctrl-C with npm start: the same, and npm ends as its own shell does', async (context) => {
  // npm runs scripts in a shell. A shell that gets Ctrl-C itself may end by it, whatever the program's status is (dash does).
  const status = await assertCtrlCDrains(context, NPM_START);
  assert.ok(status === 0 || status === 130, `status ${status}`);
});

test('below npm start only the program is called rwwwrse', async (context) => {
  const { child, programPid } = await startInTerminal(context, NPM_START);
  const named = processTree(child.pid as number).filter(({ name }) => name.includes('rwwwrse'));
  assert.deepEqual(
    named.map(({ pid, name }) => [pid, name]),
    [[programPid, 'rwwwrse']],
  );
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} to the process that npm start runs stops the program cleanly`, async (context) => {
    const terminal = await startInTerminal(context, NPM_START);
    process.kill(terminal.launcherPid ?? terminal.programPid, signal);
    assert.equal(await terminal.ended(), 0, terminal.output());
    assert.ok(terminal.output().includes('"stopped"'));
    assert.equal(isRunning(terminal.programPid), false);
  });
}

test('SIGHUP to the launcher is passed on: it opens the logs anew and does not end the program', async (context) => {
  const terminal = await startInTerminal(context, NPM_START);
  process.kill(terminal.launcherPid ?? terminal.programPid, 'SIGHUP');
  await until('the program took the signal', () => terminal.output().includes('log files are opened anew'));
  assert.equal((await getOnce(terminal.port, '/live')).status, 200);
});

test('the program stops when its launcher is killed, and the launcher mirrors a program that is killed', async (context) => {
  const orphaned = await startInTerminal(context, NPM_START);
  if (orphaned.launcherPid === null) {
    context.skip('this Node replaces the launcher by the program (process.execve): there is none to kill');
    return;
  }
  process.kill(orphaned.launcherPid, 'SIGKILL');
  await until('the program ended', () => !isRunning(orphaned.programPid));
  assert.match(orphaned.output(), /"reason":"the launcher ended"/);

  const killed = await startInTerminal(context, NPM_START);
  process.kill(killed.programPid, 'SIGKILL');
  await killed.ended();
  assert.equal(isRunning(killed.launcherPid as number), false);
  assert.equal(
    allProcesses().some(({ pid }) => pid === killed.programPid),
    false,
  );
  assert.notEqual(killed.child.exitCode, 0);
});

test("--env-file is the program's own: Node, which knows one too, does not take it", () => {
  const args = ['start', '--silent', '--', '--env-file', join(ROOT, 'no-such.env')];
  const { status, stderr } = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8', timeout: 30_000 });
  assert.equal(status, 1, stderr);
  assert.match(
    stderr,
    /^rwwwrse: error: env_file \(--env-file\): cannot read .*no-such\.env.*: there is no such file$/m,
  );
});
