/** Bodies larger than any memory, both ways, with flat memory: `node tests/drills/large-body.ts --gib 10`. */
import { type IncomingMessage, request as startRequest } from 'node:http';
import type { Writable } from 'node:stream';

import { startHttpBackend } from '../support/http-backend.ts';
import { heldNow, readMetrics } from '../support/metrics.ts';
import { mib, residentKib } from '../support/process-figures.ts';
import { type Program, startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';
import { type DrillStage, numberOption, runAsScript } from './drill.ts';

const GIB = 1_073_741_824;
const PIECE = Buffer.alloc(262_144, 'x');
const SAMPLE_MS = 50;
const WARM_UP_BYTES = 67_108_864;

/** Writes `bytes` as fast as they are taken, and ends. */
function pour(into: Writable, bytes: number): void {
  let left = bytes;
  const more = (): void => {
    while (left > 0) {
      const length = Math.min(left, PIECE.length);
      left -= length;
      if (!into.write(length === PIECE.length ? PIECE : PIECE.subarray(0, length))) {
        into.once('drain', more);
        return;
      }
    }
    into.end();
  };
  more();
}

/** Counts what comes until its end; fails when it is cut. */
function drain(from: IncomingMessage): Promise<number> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    from.on('data', (piece: Buffer) => (bytes += piece.length));
    from.once('end', () => (from.complete ? resolve(bytes) : reject(new Error(`cut after ${bytes} bytes`))));
    from.once('error', reject);
  });
}

function answerOf(port: number, method: string, bytes: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const path = `/${method === 'GET' ? bytes : ''}`;
    const headers: Record<string, number> = method === 'GET' ? {} : { 'content-length': bytes };
    const request = startRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, resolve);
    request.once('error', reject);
    if (method === 'GET') request.end();
    else pour(request, bytes);
  });
}

/** What one direction came to. */
export interface TransferFigures {
  readonly bytes: number;
  readonly seconds: number;
  readonly residentBeforeKib: number;
  /** Most resident memory of the proxy while the body went through. */
  readonly residentMostKib: number;
}

async function measure(program: Program, run: () => Promise<number>): Promise<TransferFigures> {
  const residentBeforeKib = residentKib(program.pid);
  let residentMostKib = residentBeforeKib;
  const sampler = setInterval(() => (residentMostKib = Math.max(residentMostKib, residentKib(program.pid))), SAMPLE_MS);
  const startedMs = performance.now();
  const bytes = await run().finally(() => clearInterval(sampler));
  return { bytes, seconds: (performance.now() - startedMs) / 1000, residentBeforeKib, residentMostKib };
}

/** Both directions of the drill. */
export interface LargeBodyFigures {
  readonly download: TransferFigures;
  readonly upload: TransferFigures;
  /** The proxy's gauges when all is over. */
  readonly gauges: Readonly<Record<string, number>>;
}

/** Sends `bytes` down and up through a program with two workers of its own. */
export async function drillLargeBody(stage: DrillStage, bytes: number): Promise<LargeBodyFigures> {
  const backend = await startHttpBackend(stage.context, (request, response) => {
    if (request.method === 'GET') {
      const length = Number(request.url?.slice(1));
      response.writeHead(200, { 'content-length': length });
      pour(response, length);
    } else {
      void drain(request).then((length) => response.end(String(length)));
    }
  });
  const env = { RWWWRSE_DEFAULT_BACKEND: backend.url, RWWWRSE_READ_TIMEOUT: '0', RWWWRSE_POOL_IDLE_TIMEOUT: '1s' };
  const program = await startProgram(stage.context, { env });
  const down = async (length: number): Promise<number> => drain(await answerOf(program.port, 'GET', length));
  const up = async (length: number): Promise<number> => {
    const answer = await answerOf(program.port, 'POST', length);
    const pieces: Buffer[] = [];
    answer.on('data', (piece: Buffer) => pieces.push(piece));
    await drain(answer);
    return Number(Buffer.concat(pieces).toString());
  };
  for (let i = 0; i < 4; i++) {
    await down(WARM_UP_BYTES);
    await up(WARM_UP_BYTES);
  }
  const download = await measure(program, () => down(bytes));
  stage.tell(`download: ${download.seconds.toFixed(1)} s, most RSS ${mib(download.residentMostKib)} MiB`);
  const upload = await measure(program, () => up(bytes));
  stage.tell(`upload: ${upload.seconds.toFixed(1)} s, most RSS ${mib(upload.residentMostKib)} MiB`);
  const gauges = await until('all is released', async () => {
    const held = heldNow(await readMetrics(program.port));
    return Object.values(held).every((value) => value === 0) ? held : null;
  });
  return { download, upload, gauges };
}

function rowOf({ bytes, seconds, residentBeforeKib, residentMostKib }: TransferFigures): string {
  const rate = Math.round(bytes / 1_048_576 / seconds);
  const memory = `RSS ${mib(residentBeforeKib)} MiB before, ${mib(residentMostKib)} MiB at most`;
  return `${(bytes / GIB).toFixed(2)} GiB in ${seconds.toFixed(1)} s (${rate} MiB/s), ${memory}`;
}

if (import.meta.main) {
  await runAsScript(async (stage) => {
    const figures = await drillLargeBody(stage, Math.floor(numberOption('gib', 10) * GIB));
    return {
      download: rowOf(figures.download),
      upload: rowOf(figures.upload),
      gauges: JSON.stringify(figures.gauges),
    };
  });
}
