import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';

import { type HttpBackend, startHttpBackend } from '../support/http-backend.ts';
import { getOnce, RawConnection } from '../support/http-client.ts';
import { MISSING_POSTGRES, startPostgres } from '../support/postgres-server.ts';
import { allProcesses } from '../support/processes.ts';
import { type Program, startProgram } from '../support/program.ts';
import { MISSING_REDIS, startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { LOG_ENVIRONMENT, METRICS_ENVIRONMENT, variablesOf } from './guide-lines.ts';

const run = promisify(execFile);

/** The port and the file of the guide's commands. */
const PORT = 8080;
const LOG_FOLDER = '/var/log/rwwwrse';
/** Longer than the slowest request of the traffic. */
const COMMAND_TIMEOUT_MS = 30_000;
/** What the guide calls a slow query: four digits of milliseconds that begin with 5 or more. */
const SLOW_MS = 5_100;
const STATUSES: Readonly<Record<string, number>> = { '/denied': 401, '/missing': 404, '/broken': 500 };

/** What the guide's reader has besides its two blocks: a backend that is watched, a pool, and as many workers as the tests always have. */
const OWN_SETTINGS = {
  RWWWRSE_HOST: '0.0.0.0',
  RWWWRSE_METRICS_PORT: '9090',
  RWWWRSE_POOL_MAX_CONNS_PER_HOST: '50',
  RWWWRSE_POOL_IDLE_TIMEOUT: '75s',
  RWWWRSE_WORKERS: '2',
  RWWWRSE_HEALTH_CHECK_ENABLED: 'true',
};

/** The product as the guide's reader runs it, and a shell beside it. */
export interface GuideStage {
  readonly program: Program;
  readonly backend: HttpBackend;
  /** Why the guide's three dependencies are not there, or null. */
  readonly missingDependencies: string | null;
  /** No other process, port or file of the machine can be seen. */
  readonly isPrivate: boolean;
  /** Runs a command line by `bash -c` with the environment of the product; returns what it printed. */
  readonly shell: (command: string) => Promise<string>;
  /** Runs a command line in a terminal and presses `key` until it ends; returns what the terminal showed. */
  readonly terminal: (command: string, key: string) => Promise<string>;
}

/** Why the guide's port, file and process name cannot be had on this machine itself, or null. */
export async function realMachineObstacle(): Promise<string | null> {
  const connection = await new RawConnection(PORT).opened();
  connection.destroy();
  if (!connection.closed) return `port ${PORT} is taken`;
  if (allProcesses().some(({ name }) => name === 'rwwwrse')) return 'another process is named rwwwrse';
  if (existsSync(LOG_FOLDER) && readdirSync(LOG_FOLDER).length > 0) return `${LOG_FOLDER} is in use`;
  try {
    accessSync('/var/log', constants.W_OK);
    return null;
  } catch {
    return '/var/log cannot be written';
  }
}

/** Starts the product on the guide's port with the guide's environment; it ends with the test. */
export async function startStage(context: TestContext, isPrivate: boolean): Promise<GuideStage> {
  if (!isPrivate) {
    mkdirSync(LOG_FOLDER, { recursive: true });
    context.after(() => rmSync(LOG_FOLDER, { recursive: true }));
  }
  const backend = await startHttpBackend(context, (request, response) => answer(request.url ?? '', response));
  const missingDependencies = MISSING_POSTGRES || MISSING_REDIS || null;
  const dependencies = missingDependencies === null ? await startDependencies(context, backend) : {};
  const own = { RWWWRSE_DEFAULT_BACKEND: backend.url, ...OWN_SETTINGS, ...dependencies };
  const env = { ...own, ...variablesOf(METRICS_ENVIRONMENT), ...variablesOf(LOG_ENVIRONMENT) };
  const program = await startProgram(context, { port: PORT, env });
  // Without SHLVL bash takes a pipe of Node for a remote shell, and reads the tester's own settings.
  const shellEnv = { PATH: process.env.PATH ?? '', TERM: 'xterm', SHLVL: '1', ...env };
  const shell = async (command: string): Promise<string> => {
    const { stdout } = await run('bash', ['-c', command], { env: shellEnv, timeout: COMMAND_TIMEOUT_MS });
    return stdout;
  };
  return {
    program,
    backend,
    isPrivate,
    missingDependencies,
    shell,
    terminal: (command, key) => useTerminal(command, key, shellEnv),
  };
}

/** What the guide's answer of the health endpoint names: a database, a cache and an API of somebody else (lines 58-62). */
async function startDependencies(context: TestContext, api: HttpBackend): Promise<Record<string, string>> {
  const [postgres, redis] = await Promise.all([startPostgres(context), startRedis(context)]);
  return {
    DATABASE_URL: postgres.url,
    REDIS_URL: `redis://127.0.0.1:${redis.port}`,
    RWWWRSE_HEALTH_EXTERNAL_API_URL: `${api.url}/api`,
  };
}

/** Starts a product with other settings beside that of the stage. */
export async function startOther(
  context: TestContext,
  stage: GuideStage,
  env: Readonly<Record<string, string>>,
): Promise<Program> {
  const settings = { RWWWRSE_DEFAULT_BACKEND: stage.backend.url, ...env };
  const program = await startProgram(context, { env: settings, awaitReady: false });
  await until('the other program answers', async () => (await getOnce(program.port, '/ready')).status === 200);
  return program;
}

async function useTerminal(command: string, key: string, env: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn('script', ['-qec', command, '/dev/null'], { env, timeout: COMMAND_TIMEOUT_MS });
  const state = { shown: '', ended: false };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (state.shown += text));
  child.stdin.on('error', () => undefined);
  child.once('close', () => (state.ended = true));
  await until(`${command} ends`, () => {
    if (!state.ended) child.stdin.write(key);
    return state.ended;
  });
  assert.equal(child.exitCode, 0, state.shown);
  return state.shown;
}

function answer(url: string, response: ServerResponse): void {
  const path = url.replace(/\?.*/s, '');
  if (path === '/reset') {
    response.destroy();
    return;
  }
  const body = `${path}\n`;
  const send = (): unknown => response.writeHead(STATUSES[path] ?? 200, { 'content-length': body.length }).end(body);
  if (path === '/slow') setTimeout(send, SLOW_MS);
  else send();
}

/** Requests of one path: what it is answered with, and how many come from each address. */
export interface Traffic {
  readonly path: string;
  readonly status: number;
  readonly from: Readonly<Record<string, number>>;
}

/** No path has a number or the word status in it: the guide's patterns must match by the fields they mean. */
export const TRAFFIC: readonly Traffic[] = [
  { path: '/slow', status: 200, from: { '127.0.0.1': 1 } },
  { path: '/', status: 200, from: { '127.0.0.1': 30, '127.0.0.2': 10 } },
  { path: '/denied', status: 401, from: { '127.0.0.1': 4, '127.0.0.2': 19, '127.0.0.3': 11 } },
  { path: '/missing', status: 404, from: { '127.0.0.2': 7 } },
  { path: '/broken', status: 500, from: { '127.0.0.1': 3, '127.0.0.3': 2 } },
  { path: '/reset', status: 502, from: { '127.0.0.1': 1 } },
];

/** Requests of a piece of traffic. */
export function countOf({ from }: Traffic): number {
  return Object.values(from).reduce((sum, count) => sum + count, 0);
}

/** Sends all {@link TRAFFIC} with curl, and waits for its lines in the access log. */
export async function sendTraffic({ shell }: GuideStage): Promise<void> {
  const sent = TRAFFIC.flatMap(({ path, status, from }) =>
    Object.entries(from).map(async ([address, count]) => {
      const url = `http://localhost:8080${path}?[1-${count}]`;
      const printed = await shell(`curl -s -o /dev/null -w '%{http_code}\\n' --interface ${address} '${url}'`);
      assert.equal(printed, `${status}\n`.repeat(count), `${path} from ${address}`);
    }),
  );
  await Promise.all(sent);
  const lines = TRAFFIC.reduce((sum, traffic) => sum + countOf(traffic), 0);
  await until('all requests are in the access log', async () => {
    const pattern = `(GET ${TRAFFIC.map(({ path }) => path).join('|GET ')})[?]`;
    return Number(await shell(`grep -cE '${pattern}' ${LOG_FOLDER}/access.log || true`)) === lines;
  });
}
