import { statSync, truncateSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { elapsedCpuNs, readResidentBytes, readThreadTimes } from './accounting.ts';
import type { Program } from './program.ts';
import { runWrk } from './wrk.ts';
import type { WrkReport } from './wrk.ts';
import type { Workspace } from './workspace.ts';

/** What one program did in one slice of load. */
export interface Slice {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly cpuUsPerRequest: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Largest resident memory seen during the slice. */
  readonly residentBytes: number;
  /** Why the slice means nothing; empty when it is sound. */
  readonly problems: readonly string[];
}

/** What one slice asks for. */
export interface Load {
  readonly path: string;
  readonly durationMs: number;
}

const RESIDENT_SAMPLE_MS = 200;
/** After the load ended: lets the program close its 64 connections on its own account before the next slice begins. */
const SETTLE_MS = 50;
/** Every access-log line is longer than this. */
const SHORTEST_LOG_LINE_BYTES = 100;
/** Lines that may still sit in a program's buffer when its file is looked at. */
const LOG_BUFFER_BYTES = 128 * 1024;

/** Loads one program for one slice and reads what the kernel charged to all its threads. */
export async function measureSlice(workspace: Workspace, program: Program, load: Load): Promise<Slice> {
  const pids = program.pids;
  let residentBytes = readResidentBytes(pids);
  const sampler = setInterval(() => {
    residentBytes = Math.max(residentBytes, sampleResidentBytes(pids));
  }, RESIDENT_SAMPLE_MS);
  const before = readThreadTimes(pids);
  const report = await runWrk(workspace, program.url + load.path, load.durationMs).finally(() =>
    clearInterval(sampler),
  );
  await pause(SETTLE_MS);
  const cpuNs = elapsedCpuNs(before, readThreadTimes(program.pids));
  const problems = [...findFailures(report), ...checkAccessLog(program, report.requests)];
  if (cpuNs === null) problems.push('a thread ended during a slice, its CPU time is lost');
  return {
    requests: report.requests,
    requestsPerSecond: report.requests / (report.durationUs / 1e6),
    cpuUsPerRequest: (cpuNs ?? Number.NaN) / 1000 / report.requests,
    p50Ms: report.p50Us / 1000,
    p99Ms: report.p99Us / 1000,
    residentBytes,
    problems,
  };
}

function sampleResidentBytes(pids: readonly number[]): number {
  try {
    return readResidentBytes(pids);
  } catch {
    // A process ended: the reading of its threads after the slice reports it.
    return 0;
  }
}

function findFailures(report: WrkReport): string[] {
  const counts: [number, string][] = [
    [report.status, 'responses that were not 2xx'],
    [report.connect, 'failed connects'],
    [report.read, 'failed reads'],
    [report.write, 'failed writes'],
    [report.timeout, 'timeouts'],
    [report.requests === 0 ? 1 : 0, 'slice without any request'],
  ];
  return counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
}

/** Sees that the log was written, then empties it, so that a run does not fill the disk with some hundred MB a minute. */
function checkAccessLog(program: Program, requests: number): string[] {
  if (program.accessLogPath === null) return [];
  const { size } = statSync(program.accessLogPath, { throwIfNoEntry: false }) ?? { size: 0 };
  if (size > 0) truncateSync(program.accessLogPath);
  if (size + LOG_BUFFER_BYTES >= requests * SHORTEST_LOG_LINE_BYTES) return [];
  return [`access log holds ${size} bytes after ${requests} requests`];
}
