import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { InstancePlace } from './place.ts';

/** An answer of an instance. */
export interface InstanceAnswer {
  readonly status: number;
  readonly body: string;
}

/** Nothing came back; the code is the system's, or `ETIMEDOUT`, `ETOOLARGE`. */
export interface NoAnswer {
  readonly code: string;
}

const ASK_MS = 5_000;
/** Ten thousand series take about 1 MB. */
const LIMIT_BYTES = 64 * 1_048_576;

/** Asks an instance for a path, within five seconds in all; never throws. */
export function askInstance(place: InstancePlace, path: string): Promise<InstanceAnswer | NoAnswer> {
  return new Promise((resolve) => {
    const asked = startRequest(place, path);
    const timer = setTimeout(() => asked.destroy(coded('ETIMEDOUT')), ASK_MS);
    const settle = (answer: InstanceAnswer | NoAnswer): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    asked.on('error', (error: NodeJS.ErrnoException) => settle({ code: error.code ?? error.message }));
    asked.on('response', (response) => {
      readBody(response).then(
        (body) => settle({ status: response.statusCode ?? 0, body }),
        (error: NodeJS.ErrnoException) => settle({ code: error.code ?? error.message }),
      );
    });
    asked.end();
  });
}

function startRequest({ socket }: InstancePlace, path: string): ClientRequest {
  // The proxy owns its paths for the Host localhost, whatever its routes are.
  const options: RequestOptions = {
    path,
    agent: false,
    headers: { Host: 'localhost', Accept: 'text/plain, */*;q=0.5' },
  };
  if (socket.kind === 'unix') return httpRequest({ ...options, socketPath: socket.path });
  const { host, port } = socket;
  return socket.isTls ? httpsRequest({ ...options, host, port }) : httpRequest({ ...options, host, port });
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LIMIT_BYTES) throw coded('ETOOLARGE');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}
