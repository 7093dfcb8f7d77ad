import { spawnSync } from 'node:child_process';

import { REPORT_FD_VARIABLE } from './run-tests-reporter.ts';

/** Set for the process that runs inside. */
const INSIDE = 'RWWWRSE_TEST_PRIVATE_MACHINE';
/** Network (nobody else's ports), mounts (nobody else's files) and processes (nobody else's names). */
const NAMESPACES = ['--mount', '--net', '--pid', '--fork', '--mount-proc', '--kill-child=SIGKILL'];
/** By the rights of root, or by those that a namespace of users gives to everybody. */
const KINDS = [[], ['--map-root-user']] as const;
const SET_UP = 'ifconfig lo up && mount -t tmpfs tmpfs /var/log && mkdir /var/log/rwwwrse';
const PATHS = '/usr/local/sbin:/usr/sbin:/sbin';
const PROBE_TIMEOUT_MS = 20_000;

/**
 * Runs the calling test file on a machine of its own: its ports, its processes and an empty `/var/log/rwwwrse` are private, so
 * that fixed ports and paths clash with nothing. The process is replaced by one inside, which reports its tests as usual: this
 * does not return there, but ends with its status.
 *
 * @returns null inside; else why there is no such machine: not Linux, `unshare` or `ifconfig` missing, or not permitted
 */
export function enterPrivateMachine(): string | null {
  if (process.env[INSIDE] === 'yes') return null;
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:${PATHS}`, [INSIDE]: 'yes' };
  const attempts = KINDS.map((kind) => [...kind, ...NAMESPACES]).map((flags) => ({
    flags,
    why: obstacleOf(flags, env),
  }));
  const possible = attempts.find(({ why }) => why === null);
  if (possible === undefined) return attempts[0]?.why ?? 'unshare is not permitted';
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  // The shell stays: the first process of a machine must collect the orphans, which would keep their names else.
  const script = `${SET_UP} && "$@"; exit $?`;
  const { status } = spawnSync('unshare', [...possible.flags, 'sh', '-c', script, 'sh', ...command], {
    env,
    stdio: ['inherit', 'inherit', 'inherit', ...reportFd()],
  });
  return process.exit(status ?? 1);
}

/** Why there is no machine with these flags, or null. */
function obstacleOf(flags: readonly string[], env: NodeJS.ProcessEnv): string | null {
  const options = { env, encoding: 'utf8', timeout: PROBE_TIMEOUT_MS } as const;
  const { status, error, stderr } = spawnSync('unshare', [...flags, 'sh', '-c', SET_UP], options);
  if (status === 0) return null;
  return error?.message ?? (stderr.trim() || 'unshare is not permitted');
}

/** The descriptor on which the test run expects its report, when there is one. */
function reportFd(): number[] {
  const fd = process.env[REPORT_FD_VARIABLE];
  return fd === undefined ? [] : [Number(fd)];
}
