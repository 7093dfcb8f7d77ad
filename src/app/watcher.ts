import { readFileSync } from 'node:fs';
import type { Environment } from './environment.ts';

/** Process names that end or start a program anew when their child ends. */
const PARENTS = ['tini', 'docker-init', 'dumb-init', 'catatonit', 's6-supervise', 'runsv', 'supervise', 'supervisord'];

/** What tells who watches a process. */
export interface Watched {
  readonly pid: number;
  /** Name of the parent process; empty when unknown. */
  readonly parentName: string;
  /** End of the launcher's pipe, or null without a launcher. */
  readonly launcherFd: number | null;
  readonly env: Environment;
}

/**
 * Why another process cannot take over from this one: somebody watches its process id and would take its end for the end of the
 * service. Null when nobody is known to, or when systemd can be told (`Type=notify`).
 */
export function watcherOf({ pid, parentName, launcherFd, env }: Watched): string | null {
  if (pid === 1) return 'it is process 1, and its end would end the container: replace the container instead';
  if (launcherFd !== null || env['npm_lifecycle_event'] !== undefined)
    return 'npm watches it and would end with it: restart it there, or run the program itself (docs/upgrade.md)';
  if (PARENTS.includes(parentName))
    return `its parent ${parentName} watches it and would take its end for that of the service: restart it there`;
  if (env['SYSTEMD_EXEC_PID'] === String(pid) && env['NOTIFY_SOCKET'] === undefined)
    return 'systemd watches it and cannot be told of another process: use Type=notify (docs/systemd.md)';
  return null;
}

/** This process, as `watcherOf` wants it. */
export function ownWatched(launcherFd: number | null, env: Environment): Watched {
  return { pid: process.pid, parentName: nameOf(process.ppid), launcherFd, env };
}

/** The kernel keeps 15 characters of a name. */
function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}
