import { connect } from 'node:net';

import type { ClientCounts } from './steady-lane.ts';
import { count } from './tally.ts';
import { DRILL_HOST, keyOf, UNMATCHED } from './traffic.ts';

/** How a client ends its connection: not at all (the server does), FIN, or RST. */
type Leaving = 'stays' | 'fin' | 'rst';

/** A client that comes for one request, or less. */
interface Visit {
  readonly name: string;
  readonly sends: string;
  /** Text that must have come before it leaves; null = it leaves at once. */
  readonly awaits: string | null;
  readonly leaves: Leaving;
  /** What it is counted as; null = nothing, or nobody can tell. */
  readonly key: string | null;
}

const HOST = `Host: ${DRILL_HOST}\r\n`;
const HINT = 'HTTP/1.1 103';
const BODY_BEGAN = '\r\n\r\nx';
const HOLD = `GET /plain/hold HTTP/1.1\r\n${HOST}\r\n`;
const PART = `GET /more/part HTTP/1.1\r\n${HOST}\r\n`;
const UPLOAD = `POST /unsure/upload HTTP/1.1\r\n${HOST}`;
const ABORTED = 499;

const VISITS: readonly Visit[] = [
  {
    name: 'a malformed head',
    sends: 'GET  / HTTP/1.1\r\n\r\n',
    awaits: 'HTTP/1.1 400',
    leaves: 'stays',
    key: refused(400),
  },
  {
    name: 'too many fields',
    sends: `GET / HTTP/1.1\r\n${HOST}${'A: b\r\n'.repeat(200)}\r\n`,
    awaits: 'HTTP/1.1 431',
    leaves: 'stays',
    key: refused(431),
  },
  {
    name: 'half a head',
    sends: `GET /plain/s200 HTTP/1.1\r\n${HOST}`,
    awaits: null,
    leaves: 'fin',
    key: refused(ABORTED),
  },
  { name: 'nothing', sends: '', awaits: null, leaves: 'fin', key: null },
  { name: 'before the answer', sends: HOLD, awaits: HINT, leaves: 'fin', key: keyOf('GET', '/plain', ABORTED) },
  { name: 'before the answer, reset', sends: HOLD, awaits: HINT, leaves: 'rst', key: keyOf('GET', '/plain', ABORTED) },
  { name: 'in the answer', sends: PART, awaits: BODY_BEGAN, leaves: 'fin', key: keyOf('GET', '/more', ABORTED) },
  { name: 'in the answer, reset', sends: PART, awaits: BODY_BEGAN, leaves: 'rst', key: keyOf('GET', '/more', ABORTED) },
  {
    name: 'an answer that the backend cuts',
    sends: `GET /both/cut HTTP/1.1\r\n${HOST}\r\n`,
    awaits: 'HTTP/1.1 200',
    leaves: 'stays',
    key: keyOf('GET', '/both', 200),
  },
  {
    name: 'a single request',
    sends: `GET /plain/s200 HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
    awaits: 'HTTP/1.1 200',
    leaves: 'stays',
    key: keyOf('GET', '/plain', 200),
  },
  {
    name: 'a tunnel',
    sends: `GET /plain/tunnel HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: drill\r\n\r\n`,
    awaits: 'bye',
    leaves: 'fin',
    key: keyOf('GET', '/plain', 101),
  },
  {
    name: 'an answer that takes too long',
    sends: `GET /late/hold HTTP/1.1\r\n${HOST}\r\n`,
    awaits: 'HTTP/1.1 504',
    leaves: 'fin',
    key: keyOf('GET', '/late', 504),
  },
  {
    name: 'behind the request',
    sends: `GET /unsure/hold HTTP/1.1\r\n${HOST}\r\n`,
    awaits: null,
    leaves: 'fin',
    key: keyOf('GET', '/unsure', ABORTED),
  },
  {
    name: 'in the upload',
    sends: `${UPLOAD}Content-Length: 999\r\n\r\nhalf`,
    awaits: null,
    leaves: 'fin',
    key: keyOf('POST', '/unsure', ABORTED),
  },
  {
    name: 'a malformed chunk',
    sends: `${UPLOAD}Transfer-Encoding: chunked\r\n\r\nnonsense\r\n`,
    awaits: 'HTTP/1.1 400',
    leaves: 'stays',
    key: keyOf('POST', '/unsure', 400),
  },
  {
    name: 'behind the request, reset',
    sends: `GET /lost/hold HTTP/1.1\r\n${HOST}\r\n`,
    awaits: null,
    leaves: 'rst',
    key: null,
  },
];

/** A request without a whole head has no method and no path. */
function refused(status: number): string {
  return keyOf('OTHER', UNMATCHED, status);
}

/** Makes the `index`-th visit of a client process. Resolves when its connection is closed. */
export function visitOnce(port: number, index: number, counts: ClientCounts): Promise<void> {
  const visit = VISITS[index % VISITS.length] as Visit;
  // Many source addresses, so that ports in TIME_WAIT do not run out.
  const socket = connect({ host: '127.0.0.1', port, localAddress: `127.0.0.${2 + (index % 200)}`, noDelay: true });
  let received = '';
  const leave = (): void => {
    if (visit.leaves === 'rst') socket.resetAndDestroy();
    else if (visit.leaves === 'fin') socket.end();
  };
  socket.setEncoding('latin1').on('data', (text: string) => {
    const before = visit.awaits === null || received.includes(visit.awaits);
    received += text;
    if (!before && visit.awaits !== null && received.includes(visit.awaits)) leave();
  });
  socket.on('error', () => undefined);
  socket.once('connect', () => {
    if (visit.leaves === 'rst' && visit.awaits === null) counts.unsure++;
    else counts.connections++;
    socket.write(visit.sends, 'latin1', () => {
      if (visit.awaits === null) leave();
    });
  });
  return new Promise((resolve) => {
    socket.once('close', () => {
      if (visit.awaits !== null && !received.includes(visit.awaits))
        counts.surprises.push(`${visit.name}: ${JSON.stringify(received.slice(0, 200))}`);
      if (visit.key !== null) count(counts.exchanges, visit.key);
      resolve();
    });
  });
}
