/** Many clients that hold a connection and ask little: `node tests/drills/idle-connections.ts --count 10000`. */
import { startHttpBackend } from '../support/http-backend.ts';
import { heldNow, readMetrics, sumOf } from '../support/metrics.ts';
import { mib, residentKib, socketsOnPort } from '../support/process-figures.ts';
import { startProgram } from '../support/program.ts';
import { RawClient } from '../support/raw-client.ts';
import { until } from '../support/until.ts';
import { type DrillStage, numberOption, runAsScript } from './drill.ts';

const OPENED_AT_A_TIME = 200;
const WARM_UP = 500;

async function openAll(port: number, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  while (clients.length < count) {
    const batch = Array.from({ length: Math.min(OPENED_AT_A_TIME, count - clients.length) }, () => {
      const client = new RawClient(port, 200);
      client.get('/');
      return client;
    });
    await until('a batch is answered', () => batch.every(({ received }) => received > 0), 30_000);
    clients.push(...batch);
  }
  return clients;
}

/** What a drill came to. */
export interface IdleFigures {
  readonly connections: number;
  readonly residentBeforeKib: number;
  readonly residentIdleKib: number;
  readonly residentAfterKib: number;
  /** Resident memory of the proxy per idle connection. */
  readonly bytesPerConnection: number;
  /** Time of one more round of requests over all connections. */
  readonly roundSeconds: number;
  readonly socketsAfter: number;
}

/** Opens `count` connections to a program with two workers of its own, leaves them idle, asks once more, closes them. */
export async function drillIdleConnections(stage: DrillStage, count: number): Promise<IdleFigures> {
  const backend = await startHttpBackend(stage.context, (_request, response) => void response.end('ok'));
  const env = { RWWWRSE_DEFAULT_BACKEND: backend.url, RWWWRSE_IDLE_TIMEOUT: '10m', RWWWRSE_POOL_IDLE_TIMEOUT: '1s' };
  const program = await startProgram(stage.context, { env });
  const { port, pid } = program;
  const released = (): Promise<boolean> =>
    until(
      'nothing is held',
      async () =>
        Object.values(heldNow(await readMetrics(port))).every((value) => value === 0) && socketsOnPort(port) <= 1,
      30_000,
    );
  for (const client of await openAll(port, Math.min(WARM_UP, count))) client.destroy();
  await released();
  const residentBeforeKib = residentKib(pid);
  const clients = await openAll(port, count);
  const active = sumOf(await readMetrics(port), 'rwwwrse_active_connections') - 1;
  if (active !== count) throw new Error(`${active} connections are open instead of ${count}`);
  const residentIdleKib = residentKib(pid);
  stage.tell(`${count} idle connections, RSS ${mib(residentIdleKib)} MiB`);
  const startedMs = performance.now();
  const before = clients.map(({ received }) => received);
  for (const client of clients) client.get('/again');
  await until('all are answered again', () => clients.every(({ received }, i) => received > (before[i] ?? 0)), 60_000);
  const roundSeconds = (performance.now() - startedMs) / 1000;
  for (const client of clients) client.destroy();
  await released();
  return {
    connections: count,
    residentBeforeKib,
    residentIdleKib,
    residentAfterKib: residentKib(pid),
    bytesPerConnection: Math.round(((residentIdleKib - residentBeforeKib) * 1024) / count),
    roundSeconds,
    socketsAfter: socketsOnPort(port),
  };
}

if (import.meta.main) {
  await runAsScript(async (stage) => {
    const figures = await drillIdleConnections(stage, numberOption('count', 10_000));
    return {
      ...figures,
      residentBeforeKib: `${mib(figures.residentBeforeKib)} MiB`,
      residentIdleKib: `${mib(figures.residentIdleKib)} MiB`,
      residentAfterKib: `${mib(figures.residentAfterKib)} MiB`,
      roundSeconds: figures.roundSeconds.toFixed(2),
    };
  });
}
