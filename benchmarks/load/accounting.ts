import { readdirSync, readFileSync } from 'node:fs';

/** CPU time in ns of every thread of a program, by thread id. */
export type ThreadTimes = ReadonlyMap<number, number>;

/** `root` and everything below it that lives now (nginx: the master and its workers). */
export function listProcessTree(root: number): number[] {
  const parents = readParents();
  const tree = [root];
  for (const pid of tree) {
    for (const [child, parent] of parents) {
      if (parent === pid) tree.push(child);
    }
  }
  return tree;
}

/**
 * CPU time of all threads of the given processes: field 1 of /proc/PID/task/TID/schedstat, in ns. Throws where the kernel was built
 * without it.
 */
export function readThreadTimes(pids: readonly number[]): ThreadTimes {
  const times = new Map<number, number>();
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      times.set(Number(thread), readScheduledNs(`/proc/${pid}/task/${thread}/schedstat`));
    }
  }
  return times;
}

/**
 * CPU time that passed between two readings, in ns. `null` when a thread of the first reading is gone in the second: its time is
 * lost, and a figure without it would flatter the program.
 */
export function elapsedCpuNs(before: ThreadTimes, after: ThreadTimes): number | null {
  for (const thread of before.keys()) {
    if (!after.has(thread)) return null;
  }
  let sum = 0;
  for (const [thread, time] of after) sum += time - (before.get(thread) ?? 0);
  return sum;
}

/** Resident memory of the given processes together, in bytes (VmRSS; pages shared between them count in each). */
export function readResidentBytes(pids: readonly number[]): number {
  let kibibytes = 0;
  for (const pid of pids) {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    kibibytes += Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
  }
  return kibibytes * 1024;
}

function readScheduledNs(path: string): number {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (error) {
    // CONFIG_SCHED_INFO off: the file does not exist for any thread, this process's own included.
    throw new Error(`cannot read ${path}: the kernel's per-thread CPU accounting is needed`, { cause: error });
  }
  return Number(text.split(' ', 1)[0]);
}

function readParents(): Map<number, number> {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const parent = readParent(pid);
    if (parent !== null) parents.set(pid, parent);
  }
  return parents;
}

function readParent(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold spaces and parentheses itself: the fields begin after the last one.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    // Ended between the listing and the reading.
    return null;
  }
}
