/**
 * What a reload of many routes costs: processor time of the main thread, and the longest stall of a worker's event loop while it
 * prepares (bars: 500 ms and 20 ms for 10,000 routes). Real threads, no traffic; `node benchmarks/reload/main.ts [routes]`.
 */
import { Worker } from 'node:worker_threads';

import { PlanRollout, isPlanMessage, type PlanTaker } from '../../src/controlplane/workers/plan-rollout.ts';
import type { FromWorker, ToWorker, WorkerBirth } from '../../src/dataplane/worker/messages.ts';
import { MESSAGES_VERSION } from '../../src/dataplane/worker/messages.ts';
import { createRegions } from '../../src/shared-memory/regions.ts';
import { HEALTHY_PROGRAM } from '../../src/telemetry/operations-state.ts';
import { silentSettings } from '../../tests/support/static-settings.ts';
import type { TrafficPlan } from '../../src/dataplane/snapshot/traffic-plan.ts';
import { benchmarkPlan, securedPlan } from './plan.ts';
import type { StallAnswer, StallQuestion } from './worker.ts';

const WORKERS = 2;
const ROUNDS = 5;
const count = Number(process.argv[2] ?? 10_000);

class BenchmarkThread implements PlanTaker {
  readonly ordinal: number;
  private readonly worker: Worker;

  constructor(ordinal: number, onMessage: (thread: BenchmarkThread, message: FromWorker) => void) {
    this.ordinal = ordinal;
    const workerData = birthOf(ordinal);
    this.worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
    this.worker.on('message', (message: FromWorker | StallAnswer) => {
      if (message.type !== 'stall') onMessage(this, message);
    });
  }

  send(message: ToWorker | StallQuestion): void {
    this.worker.postMessage(message);
  }

  stall(): Promise<StallAnswer> {
    return new Promise((resolve) => {
      const take = (message: FromWorker | StallAnswer): void => {
        if (message.type !== 'stall') return;
        this.worker.off('message', take);
        resolve(message);
      };
      this.worker.on('message', take);
      this.send({ type: 'stall' });
    });
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}

const regions = createRegions(WORKERS);

function birthOf(ordinal: number): WorkerBirth {
  return {
    messagesVersion: MESSAGES_VERSION,
    ordinal,
    row: ordinal,
    count: WORKERS,
    regions,
    settings: silentSettings(WORKERS),
    collection: { enabled: true, detailed: false },
    via: 'benchmark',
    clientSeed: 'benchmark',
    hostname: 'benchmark',
    version: '0.0.0',
    state: { ...HEALTHY_PROGRAM, ready: true, message: '', startedMs: Date.now() },
  };
}

const { promise: allRun, resolve: allRunning } = Promise.withResolvers<void>();
let running = 0;
const rollout = new PlanRollout(benchmarkPlan(1, count, 0), {
  running() {
    if (++running === WORKERS) allRunning();
  },
  unable({ ordinal }, reason) {
    throw new Error(`worker ${ordinal}: ${reason}`);
  },
});
const threads = Array.from(
  { length: WORKERS },
  (_, ordinal) =>
    new BenchmarkThread(ordinal, (thread, message) => {
      if (isPlanMessage(message)) rollout.message(thread, message);
    }),
);
for (const thread of threads) rollout.born(thread);
await allRun;

/** A kind of reload, done some times. */
interface Case {
  readonly name: string;
  readonly rounds: number;
  readonly plan: (version: number, round: number) => TrafficPlan;
}

const CASES: readonly Case[] = [
  // Once: from then on a worker has all that TLS needs.
  { name: 'the first HTTPS backend', rounds: 1, plan: (version) => securedPlan(version, count, 0) },
  {
    name: 'every route changed',
    rounds: ROUNDS,
    plan: (version, round) => benchmarkPlan(version, count, round),
  },
  { name: 'nothing changed', rounds: ROUNDS, plan: (version) => benchmarkPlan(version, count, ROUNDS) },
];
let version = 1;
for (const { name, rounds, plan } of CASES) {
  const cpuMs: number[] = [];
  const stalls: StallAnswer[] = [];
  const wallMs: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const next = plan(++version, round);
    await Promise.all(threads.map((thread) => thread.stall()));
    const [cpu, startedMs] = [process.threadCpuUsage(), performance.now()];
    const outcome = await rollout.roll(next);
    if (outcome.status !== 'committed') throw new Error(outcome.reason);
    const used = process.threadCpuUsage(cpu);
    cpuMs.push((used.user + used.system) / 1_000);
    wallMs.push(performance.now() - startedMs);
    stalls.push(...(await Promise.all(threads.map((thread) => thread.stall()))));
  }
  const median = (list: readonly number[]): string =>
    (list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] as number).toFixed(1);
  process.stdout.write(
    `${count} routes, ${WORKERS} workers, ${name}: main ${median(cpuMs)} ms of processor time (most ${Math.max(...cpuMs).toFixed(1)}), ` +
      `${median(wallMs)} ms in all; longest callback of a worker ${median(stalls.map(({ cpuMs: each }) => each))} ms of processor time (most ` +
      `${Math.max(...stalls.map(({ cpuMs: each }) => each)).toFixed(1)}), by the clock ${median(stalls.map(({ ms }) => ms))} ms\n`,
  );
}
await Promise.all(threads.map((thread) => thread.end()));
