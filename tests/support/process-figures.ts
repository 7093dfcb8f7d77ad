import { readdirSync, readFileSync } from 'node:fs';

/** TCP states of /proc/net/tcp that hold something of a process; TIME_WAIT (06) and LISTEN (0A) do not. */
const HELD_STATES: ReadonlySet<string> = new Set(['01', '02', '03', '04', '05', '08', '09', '0B']);

/** Resident memory of a process in KiB (Linux). */
export function residentKib(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? Number.NaN);
}

/** Open file descriptors of a process. */
export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Sockets on a local port, accepted ones in every state but TIME_WAIT. */
export function socketsOnPort(port: number): number {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  let count = 0;
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(file, 'latin1').split('\n')) {
      const [, local = '', , state = ''] = line.trim().split(/\s+/);
      if (local.endsWith(suffix) && HELD_STATES.has(state)) count++;
    }
  }
  return count;
}

/** KiB as MiB with one digit. */
export function mib(kib: number): string {
  return (kib / 1024).toFixed(1);
}
