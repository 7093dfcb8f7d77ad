import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

const MEBIBYTE = 1_048_576;
/** What main and the threads beside the workers need. */
const BASE_BYTES = 160 * MEBIBYTE;
/** What a worker needs. */
const WORKER_BYTES = 64 * MEBIBYTE;

/** What the machine or the container gives this program. */
export interface Allowance {
  readonly cores: number;
  /** CPU quota of the cgroup in cores, or null. */
  readonly cpuQuota: number | null;
  readonly memoryBytes: number;
}

/** Reads the allowance from the system and the cgroup (version 2, then 1). */
export function readAllowance(): Allowance {
  return {
    cores: availableParallelism(),
    cpuQuota: readCpuQuota(),
    memoryBytes: Math.min(totalmem(), readMemoryLimit()),
  };
}

/** Workers = min(cores, CPU quota, (memory - 160 MB) / 64 MB), at least 1 (DESIGN.md 4). */
export function workerCount(allowance: Allowance): number {
  const byCpu = Math.floor(Math.min(allowance.cores, allowance.cpuQuota ?? allowance.cores));
  const byMemory = Math.floor((allowance.memoryBytes - BASE_BYTES) / WORKER_BYTES);
  return Math.max(1, Math.min(byCpu, byMemory));
}

/** Old-generation limit of one worker in MiB: its share of the memory, between 64 MiB and 1 GiB. */
export function workerHeapMib(allowance: Allowance, workers: number): number {
  const share = (allowance.memoryBytes - BASE_BYTES) / workers / MEBIBYTE;
  return Math.max(64, Math.min(1024, Math.floor(share * 0.75)));
}

function readCpuQuota(): number | null {
  const v2 = /^(\d+) (\d+)/.exec(readText('/sys/fs/cgroup/cpu.max'));
  if (v2 !== null) return Number(v2[1]) / Number(v2[2]);
  const quota = Number(readText('/sys/fs/cgroup/cpu/cpu.cfs_quota_us'));
  const period = Number(readText('/sys/fs/cgroup/cpu/cpu.cfs_period_us'));
  return quota > 0 && period > 0 ? quota / period : null;
}

function readMemoryLimit(): number {
  for (const file of ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes']) {
    const limit = Number(readText(file));
    if (limit > 0) return limit;
  }
  return Number.MAX_SAFE_INTEGER;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
