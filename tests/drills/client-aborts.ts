/** Clients that go away in the middle, by the ten thousand: `node tests/drills/client-aborts.ts --count 100000`. */
import { connect, type Socket } from 'node:net';

import { type HttpBackend, startHttpBackend } from '../support/http-backend.ts';
import { heldNow, readMetrics, sumOf } from '../support/metrics.ts';
import { mib, openDescriptors, residentKib, socketsOnPort } from '../support/process-figures.ts';
import { type Program, startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';
import { type DrillStage, numberOption, runAsScript } from './drill.ts';

const CONCURRENT = 64;
const WARM_UP = 1_000;
const PART = 'x'.repeat(30_000);

/** A point at which a client goes away: what it sends, and what it waits for before it does. */
interface Point {
  readonly name: string;
  readonly request: string;
  /** Bytes of an answer to wait for; 0 = goes away at once, without knowing how far the request came. */
  readonly awaitBytes: number;
}

const POINTS: readonly Point[] = [
  { name: 'in the head', request: 'GET /wait HTTP/1.1\r\nHost: drill.te', awaitBytes: 0 },
  { name: 'behind the request', request: 'GET /wait HTTP/1.1\r\nHost: drill.test\r\n\r\n', awaitBytes: 0 },
  {
    name: 'in the upload',
    request: 'POST /wait HTTP/1.1\r\nHost: drill.test\r\nContent-Length: 9999\r\n\r\nhalf',
    awaitBytes: 0,
  },
  { name: 'behind 103', request: 'GET /hint HTTP/1.1\r\nHost: drill.test\r\n\r\n', awaitBytes: 10 },
  { name: 'in the answer', request: 'GET /part HTTP/1.1\r\nHost: drill.test\r\n\r\n', awaitBytes: 20_000 },
  { name: 'in a chunked answer', request: 'GET /chunks HTTP/1.1\r\nHost: drill.test\r\n\r\n', awaitBytes: 20_000 },
  { name: 'in a long answer', request: 'GET /long HTTP/1.1\r\nHost: drill.test\r\n\r\n', awaitBytes: 1 },
  { name: 'behind the answer', request: 'GET /whole HTTP/1.1\r\nHost: drill.test\r\n\r\n', awaitBytes: 30_000 },
];

const LONG = Buffer.alloc(2_000_000, 'x');

function startBackend({ context }: DrillStage): Promise<HttpBackend> {
  return startHttpBackend(context, (request, response) => {
    request.resume();
    const { url } = request;
    if (url === '/part') response.writeHead(200, { 'content-length': 99_999 }).write(PART);
    else if (url === '/chunks') response.write(PART);
    else if (url === '/long') response.end(LONG);
    else if (url === '/whole') response.end(PART);
    else if (url === '/hint') response.writeEarlyHints({ link: '</a>' });
  });
}

/** One client: connects, sends, waits as told, and goes away by FIN or RST. Resolves when its socket is closed. */
function abortOnce(port: number, index: number): Promise<void> {
  const point = POINTS[index % POINTS.length] as Point;
  const isReset = Math.floor(index / POINTS.length) % 2 === 0;
  return new Promise((resolve) => {
    // Many source addresses, so that ports in TIME_WAIT do not run out.
    const localAddress = `127.0.0.${2 + (index % 50)}`;
    const socket: Socket = connect({ host: '127.0.0.1', port, localAddress, noDelay: true });
    let received = 0;
    const leave = (): void => {
      if (isReset) socket.resetAndDestroy();
      else socket.end();
    };
    socket.on('error', () => undefined);
    socket.once('close', () => resolve());
    socket.on('data', (piece: Buffer) => {
      received += piece.length;
      if (point.awaitBytes > 0 && received >= point.awaitBytes) leave();
    });
    socket.once('connect', () => {
      socket.write(point.request, 'latin1', () => {
        if (point.awaitBytes === 0) leave();
      });
    });
  });
}

async function abortMany(port: number, from: number, count: number): Promise<void> {
  let next = from;
  const lane = async (): Promise<void> => {
    while (next < from + count) await abortOnce(port, next++);
  };
  await Promise.all(Array.from({ length: CONCURRENT }, lane));
}

/** What the program holds; all of it must come back to this after the drill. */
export interface Held {
  readonly sockets: number;
  readonly descriptors: number;
  readonly gauges: Readonly<Record<string, number>>;
}

async function heldBy(program: Program): Promise<Held> {
  const gauges = heldNow(await readMetrics(program.port));
  return { sockets: socketsOnPort(program.port), descriptors: openDescriptors(program.pid), gauges };
}

/** Waits until the program holds no more than `before`. */
async function untilReleased(program: Program, before: Held): Promise<Held> {
  let last = before;
  await until(
    'everything is released',
    async () => {
      last = await heldBy(program);
      const { sockets, descriptors, gauges } = last;
      const isZero = Object.values(gauges).every((value) => value <= 0);
      return isZero && sockets <= before.sockets && descriptors <= before.descriptors;
    },
    30_000,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}: before ${JSON.stringify(before)}, now ${JSON.stringify(last)}`);
  });
  return last;
}

/** What a drill came to. */
export interface AbortFigures {
  readonly aborts: number;
  readonly seconds: number;
  readonly residentWarmKib: number;
  readonly residentHalfKib: number;
  readonly residentEndKib: number;
  readonly held: Held;
  readonly answered499: number;
  readonly defects: number;
  readonly backendFailures: number;
}

/** Runs the drill against a program with two workers of its own. */
export async function drillClientAborts(stage: DrillStage, count: number): Promise<AbortFigures> {
  const backend = await startBackend(stage);
  const env = { RWWWRSE_DEFAULT_BACKEND: backend.url, RWWWRSE_POOL_IDLE_TIMEOUT: '1s' };
  const program = await startProgram(stage.context, { env });
  await abortMany(program.port, 0, Math.min(WARM_UP, count));
  // Worker threads open what they need when they first need it: the baseline is what they hold after the warm-up.
  const before = await untilSettled(program);
  const residentWarmKib = residentKib(program.pid);
  const startedMs = performance.now();
  await abortMany(program.port, 0, Math.floor(count / 2));
  const residentHalfKib = residentKib(program.pid);
  stage.tell(`half: ${Math.floor(count / 2)} aborts, RSS ${mib(residentHalfKib)} MiB`);
  await abortMany(program.port, Math.floor(count / 2), Math.ceil(count / 2));
  const seconds = (performance.now() - startedMs) / 1000;
  const held = await untilReleased(program, before);
  const metrics = await readMetrics(program.port);
  return {
    aborts: count,
    seconds,
    residentWarmKib,
    residentHalfKib,
    residentEndKib: residentKib(program.pid),
    held,
    answered499: sumOf(metrics, 'rwwwrse_requests_total', 'status="499"'),
    defects: sumOf(metrics, 'rwwwrse_internal_defects_total'),
    backendFailures: sumOf(metrics, 'rwwwrse_backend_requests_total', 'status="5'),
  };
}

async function untilSettled(program: Program): Promise<Held> {
  const nothing = { sockets: 1, descriptors: Number.MAX_SAFE_INTEGER, gauges: {} };
  return untilReleased(program, nothing);
}

if (import.meta.main) {
  await runAsScript(async (stage) => {
    const figures = await drillClientAborts(stage, numberOption('count', 100_000));
    return {
      ...figures,
      seconds: figures.seconds.toFixed(1),
      residentWarmKib: `${mib(figures.residentWarmKib)} MiB`,
      residentHalfKib: `${mib(figures.residentHalfKib)} MiB`,
      residentEndKib: `${mib(figures.residentEndKib)} MiB`,
      held: JSON.stringify(figures.held),
    };
  });
}
