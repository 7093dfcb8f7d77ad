import { readdirSync, readFileSync } from 'node:fs';

/** What Linux says of a process. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Name that `pgrep -x` matches. */
  readonly name: string;
}

/** All processes of the machine (Linux). */
export function allProcesses(): readonly ProcessEntry[] {
  return readdirSync('/proc').flatMap((entry) => (/^\d+$/.test(entry) ? readProcess(Number(entry)) : []));
}

/** A process and everything below it. */
export function processTree(root: number): readonly ProcessEntry[] {
  const all = allProcesses();
  const members = new Set([root]);
  for (let before = 0; before !== members.size;) {
    before = members.size;
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid);
  }
  return all.filter(({ pid }) => members.has(pid));
}

/** Whether a process exists and is not a zombie. */
export function isRunning(pid: number): boolean {
  return readProcess(pid).length > 0;
}

/** Kills one process that a test started; one that is gone is no error. */
export function killStarted(pid: number): void {
  if (pid > 1 && isRunning(pid)) process.kill(pid, 'SIGKILL');
}

function readProcess(pid: number): ProcessEntry[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const nameEnd = stat.lastIndexOf(')');
    const [state, parent] = stat.slice(nameEnd + 2).split(' ');
    if (state === 'Z' || state === 'X') return [];
    return [{ pid, parent: Number(parent), name: stat.slice(stat.indexOf('(') + 1, nameEnd) }];
  } catch {
    return [];
  }
}
