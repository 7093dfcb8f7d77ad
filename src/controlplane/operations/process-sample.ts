import { readdir, readFile } from 'node:fs/promises';

/** What the process takes from the machine, at one moment. A number that the system does not tell is null. */
export interface ProcessSample {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly virtualBytes: number | null;
  readonly openFds: number | null;
  readonly maxFds: number | null;
  readonly threads: number | null;
}

const VIRTUAL = /^VmSize:\s+(\d+) kB$/m;
const THREADS = /^Threads:\s+(\d+)$/m;
const MAX_FDS = /^Max open files\s+(\d+)/m;

/** Takes a sample; what is not in /proc, because this is no Linux, is left out. */
export async function sampleProcess(): Promise<ProcessSample> {
  const [status, limits, fds] = await Promise.all([
    readText('/proc/self/status'),
    readText('/proc/self/limits'),
    // The listing itself holds one descriptor open.
    readdir('/proc/self/fd').then(
      (names) => names.length - 1,
      () => null,
    ),
  ]);
  const { user, system } = process.cpuUsage();
  const virtualKib = numberIn(status, VIRTUAL);
  return {
    cpuSeconds: (user + system) / 1e6,
    residentBytes: process.memoryUsage.rss(),
    virtualBytes: virtualKib === null ? null : virtualKib * 1024,
    openFds: fds,
    maxFds: numberIn(limits, MAX_FDS),
    threads: numberIn(status, THREADS),
  };
}

function readText(path: string): Promise<string> {
  return readFile(path, 'latin1').catch(() => '');
}

function numberIn(text: string, pattern: RegExp): number | null {
  const digits = pattern.exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}
