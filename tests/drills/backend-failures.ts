/**
 * Three backends under load, one of which fails in every way: `node tests/drills/backend-failures.ts --seconds 10
 * --connections 200`. No request may fail, and the backend must come back by itself.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { BackendProcess } from '../support/backend-process.ts';
import { freePort } from '../support/free-port.ts';
import { Load } from '../support/load.ts';
import { readMetrics, sumOf } from '../support/metrics.ts';
import { type Program, startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';
import { type DrillStage, numberOption, runAsScript } from './drill.ts';

/** How a backend fails, and how it is well again. */
export interface Failure {
  readonly name: string;
  fail(backend: BackendProcess): void;
  mend(backend: BackendProcess): Promise<void> | void;
}

/** The failures of the drill, in its order. */
export const FAILURES: readonly Failure[] = [
  { name: 'killed', fail: (backend) => backend.signal('SIGKILL'), mend: (backend) => backend.start() },
  { name: 'stopped', fail: (backend) => backend.signal('SIGSTOP'), mend: (backend) => backend.signal('SIGCONT') },
  { name: 'resets', fail: (backend) => backend.mode('resets'), mend: (backend) => backend.mode('answers') },
  { name: 'busy', fail: (backend) => backend.mode('busy'), mend: (backend) => backend.mode('answers') },
  { name: 'slow', fail: (backend) => backend.mode('slow'), mend: (backend) => backend.mode('answers') },
];

/** What one failure came to. */
export interface FailureFigures {
  readonly requests: number;
  /** Requests that a client saw fail: lost, refused or not 200. */
  readonly failed: number;
  /** Answers that had begun and were cut: they cannot be sent again. */
  readonly cut: number;
  readonly retries: number;
  /** Attempts at the failing backend while it failed. */
  readonly asked: number;
}

/** How long and how hard. */
export interface FailureScale {
  readonly connections: number;
  /** Of healthy load before, and of failure. */
  readonly seconds: number;
}

function configOf(backends: readonly BackendProcess[]): string {
  return [
    'health_check: { path: /, interval: 1s, timeout: 1s, healthy_threshold: 1 }',
    'passive_health: { consecutive_failures: 5, eject_time: 1s }',
    'circuit_breaker: { timeout: 2s }',
    'retry: { per_try_timeout: 1s }',
    `routes: { all: { path: /, targets: [${backends.map(({ port }) => `"http://127.0.0.1:${port}"`).join(', ')}] } }`,
  ].join('\n');
}

/** Runs one failure under load. */
export async function drillFailure(stage: DrillStage, failure: Failure, scale: FailureScale): Promise<FailureFigures> {
  const { context } = stage;
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-drill-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const backends: BackendProcess[] = [];
  for (let i = 0; i < 3; i++) backends.push(await BackendProcess.start(context, await freePort()));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, configOf(backends));
  const program = await startProgram(context, {
    args: ['--config', file],
    env: {
      RWWWRSE_HEALTH_CHECK_ENABLED: 'true',
      RWWWRSE_RETRY_ENABLED: 'true',
      RWWWRSE_CIRCUIT_BREAKER_ENABLED: 'true',
    },
  });
  const load = new Load(context, program.port, scale.connections);
  await delay(scale.seconds * 1_000);
  const [bad] = backends as [BackendProcess, ...BackendProcess[]];
  const askedBefore = await attemptsAt(program, bad);
  failure.fail(bad);
  await delay(scale.seconds * 1_000);
  const asked = (await attemptsAt(program, bad)) - askedBefore;
  await failure.mend(bad);
  const before = bad.requests;
  await until(`the backend that ${failure.name} is asked again`, () => bad.requests > before + 50, 40_000);
  await load.stop();
  const metrics = await readMetrics(program.port);
  const cut = sumOf(metrics, 'rwwwrse_failures_total', 'backend_body_incomplete');
  return {
    requests: load.total,
    failed: load.losses.filter(({ inFlight }) => inFlight).length + load.refused + load.wrong - cut,
    cut,
    retries: sumOf(metrics, 'rwwwrse_upstream_retries_total'),
    asked,
  };
}

async function attemptsAt(program: Program, { port }: BackendProcess): Promise<number> {
  return sumOf(await readMetrics(program.port), 'rwwwrse_backend_requests_total', `:${port}"`);
}

async function drillAll(stage: DrillStage): Promise<Readonly<Record<string, unknown>>> {
  const scale = { connections: numberOption('connections', 200), seconds: numberOption('seconds', 10) };
  const result: Record<string, unknown> = {};
  for (const failure of FAILURES) {
    const figures = await drillFailure(stage, failure, scale);
    result[failure.name] = Object.entries(figures)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
    stage.tell(`${failure.name}: ${String(result[failure.name])}`);
    if (figures.failed > 0) throw new Error(`${failure.name}: ${figures.failed} requests failed`);
  }
  return result;
}

if (import.meta.main) await runAsScript(drillAll);
