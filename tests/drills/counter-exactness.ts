/**
 * Every counter against what clients and backends counted: `node tests/drills/counter-exactness.ts --requests 1000000`.
 *
 * What counts, exactly once and under one status each: every request whose first byte arrived, also one that is refused before it
 * has a method or a path (method OTHER, path unmatched); one whose client goes away before the end of its answer, as 499; one
 * whose backend breaks off in the middle of its answer, under the status that the client saw. A connection without a byte is no
 * request. The access log has one line for each. A backend's attempts count once each, too: under the status of the answer, or 502
 * when it closed without one, or 499 when the client was gone first; a request that is sent a second time counts as one attempt,
 * and one retry.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';

import { freePort } from '../support/free-port.ts';
import { heldNow, type Metrics, readMetrics, sumOf } from '../support/metrics.ts';
import type { Program } from '../support/program.ts';
import { until, untilSteady } from '../support/until.ts';
import { createFolder, startWithYaml } from '../support/yaml-program.ts';
import { readAccessLog } from './counting/access-log.ts';
import { nextMessage, startChild } from './counting/child.ts';
import { disagreements } from './counting/compare.ts';
import type { BackendCounts, ClientOrder } from './counting/messages.ts';
import type { ClientCounts } from './counting/steady-lane.ts';
import { sumOfTallies, total } from './counting/tally.ts';
import { drillListeners, drillRoutes } from './counting/traffic.ts';
import { type DrillStage, numberOption, runAsScript } from './drill.ts';

const WORKERS = 4;
const CLIENTS = 2;
const LIVING_BACKENDS = 3;
/** For so many requests there is one client that comes for a single one: it goes away, or is refused. */
const VISIT_EVERY = 40;

/** What the drill came to. */
export interface CounterFigures {
  readonly requests: number;
  readonly seconds: number;
  /** Workers that answered. */
  readonly workers: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly retries: number;
  readonly linesDropped: number;
  /** Counts that are not what others counted; there must be none. */
  readonly disagreements: readonly string[];
}

/** Runs the drill against a program with four workers of its own. */
export async function drillCounters(stage: DrillStage, requests: number): Promise<CounterFigures> {
  const children = Array.from({ length: LIVING_BACKENDS }, () =>
    startChild(stage, new URL('counting-backend.ts', import.meta.url)),
  );
  const ports = await Promise.all([...children.map((child) => nextMessage<number>(child)), freePort()]);
  const addresses = ports.map((port) => `http://127.0.0.1:${port}`);
  const log = join(createFolder(stage.context), 'access.log');
  const env = {
    RWWWRSE_WORKERS: String(WORKERS),
    // The drill counts what every failing backend does, however often it fails.
    RWWWRSE_CIRCUIT_BREAKER_ENABLED: 'false',
    RWWWRSE_PASSIVE_HEALTH_ENABLED: 'false',
    RWWWRSE_REQUEST_LOGGING: 'true',
    RWWWRSE_ACCESS_LOG_PATH: log,
    RWWWRSE_LOG_OUTPUT: `${log}.application`,
  };
  const [port, h2Port] = [await freePort(), await freePort()];
  const lines = [...drillListeners(port, h2Port), ...drillRoutes(addresses)];
  const program = await startWithYaml(stage.context, lines, { env, port, awaitReady: false });
  let ownConnections = await untilServing(program);
  const startedMs = performance.now();
  const clients = await sendAll(stage, { port, h2Port }, requests);
  const seconds = (performance.now() - startedMs) / 1000;
  const { metrics, reads } = await untilAtRest(program);
  ownConnections += reads;
  await untilSteady('the access log', () => statSync(log).size, 60_000);
  const backends = new Map<string, BackendCounts>();
  for (const [index, child] of children.entries()) {
    const answer = nextMessage<BackendCounts>(child);
    child.send('report');
    backends.set(addresses[index] as string, await answer);
  }
  const [, , unsure = '', dead = ''] = addresses;
  const { tally, workers } = await readAccessLog(log);
  const all = { metrics, clients, backends, dead, unsure, log: tally, ownConnections };
  return { ...figuresOf(metrics, clients), workers, seconds, disagreements: disagreements(all) };
}

function figuresOf(metrics: Metrics, clients: readonly ClientCounts[]) {
  const exchanges = sumOfTallies(clients.map((client) => client.exchanges));
  const statuses: Record<string, number> = {};
  for (const [key, n] of Object.entries(exchanges)) statuses[key.slice(-3)] = (statuses[key.slice(-3)] ?? 0) + n;
  return {
    requests: total(exchanges),
    statuses,
    retries: sumOf(metrics, 'rwwwrse_upstream_retries_total'),
    linesDropped: sumOf(metrics, 'rwwwrse_access_log_lines_dropped_total'),
  };
}

/** Waits for the first answer; returns the connections that this took. */
async function untilServing({ port, child }: Program): Promise<number> {
  let reads = 0;
  await until('the program serves', async () => {
    if (child.exitCode !== null) throw new Error(`the program ended with status ${child.exitCode}`);
    const metrics = await readMetrics(port).catch(() => null);
    if (metrics !== null) reads++;
    return metrics !== null;
  });
  return reads;
}

/** Waits until nothing is held any more; gives the metrics of that moment, and the connections that this took. */
async function untilAtRest({ port }: Program): Promise<{ metrics: Metrics; reads: number }> {
  let reads = 0;
  let held = '';
  const read = async (): Promise<Metrics | null> => {
    reads++;
    const now = await readMetrics(port);
    const { upstreamIdle: _, ...gauges } = heldNow(now);
    held = JSON.stringify(gauges);
    return Object.values(gauges).every((value) => value === 0) ? now : null;
  };
  const metrics = await until('nothing is held any more', read, 30_000).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${held}`);
  });
  return { metrics, reads };
}

async function sendAll(
  stage: DrillStage,
  ports: Pick<ClientOrder, 'port' | 'h2Port'>,
  requests: number,
): Promise<ClientCounts[]> {
  const visits = Math.ceil(requests / VISIT_EVERY / CLIENTS);
  return Promise.all(
    Array.from({ length: CLIENTS }, async (_, seed) => {
      const child = startChild(stage, new URL('counting-client.ts', import.meta.url));
      const counts = nextMessage<ClientCounts>(child);
      child.send({ ...ports, seed, requests: Math.ceil(requests / CLIENTS), visits } satisfies ClientOrder);
      return counts;
    }),
  );
}

if (import.meta.main) {
  await runAsScript(async (stage) => {
    const figures = await drillCounters(stage, numberOption('requests', 1_000_000));
    if (figures.disagreements.length > 0) process.exitCode = 1;
    return {
      ...figures,
      seconds: figures.seconds.toFixed(1),
      statuses: JSON.stringify(figures.statuses),
      disagreements: figures.disagreements.length === 0 ? 'none' : `\n${figures.disagreements.join('\n')}`,
    };
  });
}
