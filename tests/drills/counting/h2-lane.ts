import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';

import { seededRandom } from '../../support/seeded-random.ts';
import type { ClientCounts } from './steady-lane.ts';
import { count } from './tally.ts';
import { countedAs, DRILL_HOST, STEADY, type SteadyRequest } from './traffic.ts';

const STREAMS = 8;
/** One stream in so many is cancelled by its client: before the answer, or in the middle of it. */
const CANCEL_EVERY = 10;

/** What a client cancels, and the event at which it does. */
const CANCELLED = [
  { path: '/plain/hold', event: 'headers' },
  { path: '/more/part', event: 'data' },
] as const;

/** One client over HTTP/2: several streams of one connection at a time. Resolves when all requests are over. */
export async function runH2Lane(port: number, requests: number, seed: number, counts: ClientCounts): Promise<void> {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', (error) => counts.surprises.push(`HTTP/2: ${error.message}`));
  await once(session, 'connect');
  counts.connections++;
  const random = seededRandom(seed);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < requests && counts.surprises.length === 0) {
      const index = next++;
      if (index % CANCEL_EVERY === 0) await cancelOne(session, index / CANCEL_EVERY, counts);
      else await sendOne(session, STEADY[Math.floor(random() * STEADY.length)] as SteadyRequest, counts);
    }
  };
  await Promise.all(Array.from({ length: STREAMS }, lane));
  session.close();
  await once(session, 'close');
}

async function sendOne(session: ClientHttp2Session, request: SteadyRequest, counts: ClientCounts): Promise<void> {
  const { method, target, status, body } = request;
  const stream = open(session, method, target, body === 'none');
  if (body !== 'none') stream.end('hello');
  let found = 0;
  stream.on('response', (headers) => (found = Number(headers[':status'])));
  stream.resume();
  await closed(stream);
  if (found !== status) counts.surprises.push(`HTTP/2 ${method} ${target}: ${found}`);
  count(counts.exchanges, countedAs(method, target, status));
}

async function cancelOne(session: ClientHttp2Session, turn: number, counts: ClientCounts): Promise<void> {
  const { path, event } = CANCELLED[turn % CANCELLED.length] as (typeof CANCELLED)[number];
  const stream = open(session, 'GET', path, true);
  stream.once(event, () => stream.close(constants.NGHTTP2_CANCEL));
  await closed(stream);
  count(counts.exchanges, countedAs('GET', path, 499));
}

function open(session: ClientHttp2Session, method: string, path: string, endStream: boolean): ClientHttp2Stream {
  return session.request({ ':method': method, ':path': path, ':authority': DRILL_HOST }, { endStream });
}

function closed(stream: ClientHttp2Stream): Promise<void> {
  stream.on('error', () => undefined);
  return new Promise((resolve) => stream.once('close', () => resolve()));
}
