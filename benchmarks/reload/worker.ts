import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';

import type { ToWorker, WorkerBirth } from '../../src/dataplane/worker/messages.ts';
import { WorkerRuntime } from '../../src/dataplane/worker/runtime.ts';

/** Asks for the longest stall since the last question. */
export interface StallQuestion {
  readonly type: 'stall';
}

/** Longest time for which the event loop did nothing else. */
export interface StallAnswer {
  readonly type: 'stall';
  /** By the clock: what other programs take of the processor counts. */
  readonly ms: number;
  /** Processor time of the longest callback. */
  readonly cpuMs: number;
}

const RESOLUTION_MS = 1;

let longestCpuMs = 0;

/** Runs a callback of the event loop and keeps its processor time when it is the longest. */
function timed(run: () => void): void {
  const before = process.threadCpuUsage();
  run();
  const used = process.threadCpuUsage(before);
  longestCpuMs = Math.max(longestCpuMs, (used.user + used.system) / 1_000);
}

/** A worker thread as the program has it, which tells how long its event loop stood still. */
function start(): void {
  const port = parentPort;
  if (port === null) throw new Error('the benchmark worker runs in a worker thread only');
  const runtime = new WorkerRuntime(workerData as WorkerBirth, (message) => port.postMessage(message));
  const immediately = setImmediate;
  globalThis.setImmediate = ((run: () => void) => immediately(() => timed(run))) as typeof setImmediate;
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  port.on('message', (message: ToWorker | StallQuestion) => {
    if (message.type !== 'stall') {
      timed(() => runtime.receive(message));
      return;
    }
    const ms = Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
    port.postMessage({ type: 'stall', ms, cpuMs: longestCpuMs } satisfies StallAnswer);
    delay.reset();
    longestCpuMs = 0;
  });
}

start();
