import { join } from 'node:path';
import { mirrorEnd, runChild } from './child.mjs';
import { LaunchError } from './fail.mjs';

/** Node options of the program, before the path of its entry; the pool is as small as bin/rwwwrse.mjs has it (docs/adr/0034). */
const PROGRAM_NODE_FLAGS = ['--disable-warning=ExperimentalWarning', '--v8-pool-size=1'];

/** libuv's pool has 4 threads by default, which one slow disk and one slow resolver exhaust (DESIGN.md 5). */
const THREAD_POOL_SIZE = '8';

/** The descriptor whose end of file tells the program that its launcher died, however that happened. */
const LAUNCHER_FD = 3;

/**
 * Runs the program in place of this process where the platform can (then no launcher stays: one process, one PID), else as a
 * child: signals are passed on, its end is mirrored, and `RWWWRSE_LAUNCHER_FD` names a descriptor that reads end of file as
 * soon as this process is gone.
 *
 * @param {{ root: string, node: string, args: readonly string[] }} program
 * @returns {Promise<number | undefined>} exit status; nothing when this process is about to end by a signal
 */
export async function runProgram({ root, node, args }) {
  // Without `--` Node takes `--env-file` for its own, wherever it stands.
  const nodeArgs = [...PROGRAM_NODE_FLAGS, '--', join(root, 'src/cli/main.ts'), ...args];
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, UV_THREADPOOL_SIZE: process.env['UV_THREADPOOL_SIZE'] ?? THREAD_POOL_SIZE };
  delete env['RWWWRSE_LAUNCHER_FD'];
  replaceProcess(node, nodeArgs, env);
  const end = await runChild(node, nodeArgs, {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: { ...env, RWWWRSE_LAUNCHER_FD: String(LAUNCHER_FD) },
  });
  if (end.startError !== null) throw new LaunchError(`cannot start ${node}: ${end.startError.message}`);
  return mirrorEnd(end);
}

/**
 * Does not return where `process.execve` works (Node 22.15 and later, not on Windows). A platform without it is no error.
 *
 * @param {string} node
 * @param {readonly string[]} nodeArgs
 * @param {NodeJS.ProcessEnv} env
 */
function replaceProcess(node, nodeArgs, env) {
  if (typeof process.execve !== 'function' || process.platform === 'win32' || process.platform === 'aix') return;
  process.execve(node, [node, ...nodeArgs], env);
}
