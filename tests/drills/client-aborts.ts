import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

import { startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';
import { abortClients } from './abort-load.ts';

const PARALLEL = 64;
const PIECE = Buffer.alloc(16_384, 'x');

/** What the program holds at one moment. */
interface Holdings {
  readonly sockets: number;
  readonly rssMb: number;
  /** Open client connections, running requests, backend connections in use; the scrape itself taken off. */
  readonly gauges: readonly number[];
}

/** What a drill came to. */
export interface AbortReport {
  readonly count: number;
  readonly before: Holdings;
  readonly after: Holdings;
}

/** A backend that answers `/endless` for ever, `/never` not at all, uploads never, and everything else at once. */
async function startBackend(context: TestContext): Promise<string> {
  const server = createServer((request, response) => {
    response.on('error', () => undefined);
    request.on('error', () => undefined);
    request.resume();
    if (request.url === '/endless') {
      const write = (): void => {
        while (!response.destroyed && response.write(PIECE));
      };
      response.on('drain', write);
      write();
    } else if (request.url === '/x') response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function holdings(pid: number, port: number): Promise<Holdings> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } })).text();
  const gauge = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1]);
  const names = ['rwwwrse_active_connections', 'rwwwrse_active_requests', 'rwwwrse_upstream_connections_active'];
  return { sockets: countSockets(pid), rssMb: readRssMb(pid), gauges: names.map(gauge) };
}

function countSockets(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => linkOf(`/proc/${pid}/fd/${fd}`).startsWith('socket:')).length;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function readRssMb(pid: number): number {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);
}

/**
 * Aborts `count` clients against the real program with two workers, after a tenth of that as a warm-up; waits until sockets and
 * gauges are back at their baseline.
 *
 * @throws when they do not come back within a minute
 */
export async function runAborts(
  context: TestContext,
  count: number,
  onProgress: (done: number) => void,
): Promise<AbortReport> {
  const target = await startBackend(context);
  const env = {
    RWWWRSE_DEFAULT_BACKEND: target,
    RWWWRSE_REQUEST_LOGGING: 'false',
    RWWWRSE_POOL_IDLE_TIMEOUT: '1s',
    RWWWRSE_LOG_LEVEL: 'error',
  };
  const program = await startProgram(context, {
    env: { ...env, RWWWRSE_POOL_MAX_CONNS_PER_HOST: '1000' },
    awaitReady: false,
  });
  await until('the program answers', () =>
    fetch(`http://127.0.0.1:${program.port}/ready`).then(
      (r) => r.ok,
      () => false,
    ),
  );
  await abortClients(program.port, Math.ceil(count / 10), PARALLEL, () => undefined);
  const before = await settled(program.pid, program.port, null);
  await abortClients(program.port, count, PARALLEL, onProgress);
  return { count, before, after: await settled(program.pid, program.port, before) };
}

/** The holdings once nothing runs any more: only the scrape's own connection and request are there. */
function settled(pid: number, port: number, before: Holdings | null): Promise<Holdings> {
  return until(
    'sockets and gauges at their baseline',
    async () => {
      const now = await holdings(pid, port);
      const quiet = now.gauges[0] === 1 && now.gauges[1] === 1 && now.gauges[2] === 0;
      return quiet && (before === null || now.sockets <= before.sockets) ? now : null;
    },
    60_000,
  );
}
