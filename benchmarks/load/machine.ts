import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** The two cores of a run: programs under test on one, the load and the backend on the other. */
export interface Cores {
  readonly proxy: number;
  readonly load: number;
}

/** System folders that a plain user's PATH often lacks, where Debian puts nginx and haproxy. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The search path of everything that the benchmark starts. */
export const SEARCH_PATH = [...(process.env['PATH'] ?? '/usr/bin:/bin').split(':'), ...SYSTEM_FOLDERS].join(':');

/** True when `program` can be started by its name. */
export function isInstalled(program: string): boolean {
  return SEARCH_PATH.split(':').some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The first thing that looks like a version in what a program prints about itself; empty when it prints none. */
export function readProgramVersion(program: string, argument: string): string {
  const { stdout, stderr } = spawnSync(program, [argument], { encoding: 'utf8', env: { PATH: SEARCH_PATH } });
  return /\d+\.\d+(?:\.\d+)?/.exec(`${stdout}${stderr}`)?.[0] ?? '';
}

/** The first two cores that this process may run on. Throws where the kernel's accounting or a second core is missing. */
export function chooseCores(): Cores {
  if (process.platform !== 'linux') {
    throw new Error(`the load benchmark reads Linux's per-thread accounting; it does not run on ${process.platform}`);
  }
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '';
  const [proxy, load] = expandCores(list);
  if (proxy === undefined || load === undefined) {
    throw new Error(`two CPU cores are needed (one for the proxy, one for load and backend); allowed here: ${list}`);
  }
  return { proxy, load };
}

function expandCores(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** Binds this process, and thereby what it starts, to one core, so that it never disturbs the core of the proxies. */
export function pinSelf(core: number): void {
  execFileSync('taskset', ['-acp', String(core), String(process.pid)], { stdio: 'ignore', env: { PATH: SEARCH_PATH } });
}

/**
 * Descriptors that this process and its children may open, after trying to raise the limit to `wanted`. Node has already raised
 * the soft limit to the hard one; beyond that the kernel asks for CAP_SYS_RESOURCE, so the answer may be less than `wanted`.
 */
export function raiseDescriptorLimit(wanted: number): number {
  if (descriptorLimit() >= wanted) return descriptorLimit();
  try {
    execFileSync('prlimit', ['--pid', String(process.pid), `--nofile=${wanted}:${wanted}`], {
      stdio: 'ignore',
      env: { PATH: SEARCH_PATH },
    });
  } catch {
    // Not allowed here: the caller scales down by the limit that is returned, and says so.
  }
  return descriptorLimit();
}

function descriptorLimit(): number {
  const soft = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
  return soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft);
}

/** A loopback port that was free a moment ago: the programs under test cannot bind port 0 and tell. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
