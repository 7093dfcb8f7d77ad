import { type ConformanceCase, head, reply, served } from '../case.ts';

function dropped(id: string, rule: string, line: string): ConformanceCase {
  const name = line.slice(0, line.indexOf(':'));
  return {
    id,
    rule,
    title: `${name} of the client is not forwarded`,
    send: head('GET / HTTP/1.1', 'Host: a.test', line, 'X-Keep: 1'),
    expect: served({ line: 'GET / HTTP/1.1', has: ['X-Keep: 1'], lacks: [name] }),
  };
}

function droppedFromAnswer(id: string, rule: string, line: string): ConformanceCase {
  const name = line.slice(0, line.indexOf(':'));
  return {
    id,
    rule,
    title: `${name} of the backend does not reach the client`,
    send: head('GET / HTTP/1.1', 'Host: a.test'),
    backend: [reply(`${head('HTTP/1.1 200 OK', line, 'X-Keep: 1', 'Content-Length: 2')}ok`)],
    expect: {
      answers: [{ status: 200, body: 'ok', has: ['X-Keep: 1'], lacks: [new RegExp(`^${line}$`, 'i')] }],
      then: 'open',
      forwarded: ['GET / HTTP/1.1'],
    },
  };
}

const HOP = 'RFC 9110 7.6.1, PEERS 4.2';

/** RFC 9110 7.6.1: fields that belong to one connection, whether Connection names them or not. */
export const HOP_BY_HOP: readonly ConformanceCase[] = [
  dropped('HB-001', HOP, 'Keep-Alive: timeout=5'),
  dropped('HB-002', HOP, 'Proxy-Connection: keep-alive'),
  dropped('HB-003', HOP, 'Proxy-Authorization: Basic eDp5'),
  dropped('HB-004', HOP, 'Proxy-Authenticate: Basic'),
  dropped('HB-005', HOP, 'TE: gzip'),
  dropped('HB-006', HOP, 'Trailer: X-A'),
  dropped('HB-007', HOP, 'Upgrade: websocket'),
  dropped('HB-008', HOP, 'HTTP2-Settings: AAMAAABkAAQAAP__'),
  dropped('HB-009', HOP, 'Connection: keep-alive'),
  {
    id: 'HB-010',
    rule: 'RFC 9110 10.1.4, PEERS 4.2',
    title: 'TE: trailers is kept, named by Connection as it must be',
    send: head('GET / HTTP/1.1', 'Host: a.test', 'TE: trailers', 'Connection: TE'),
    expect: served({ line: 'GET / HTTP/1.1', has: ['TE: trailers', /^Connection: TE$/i] }),
  },
  {
    id: 'HB-011',
    rule: 'RFC 9110 10.1.4',
    title: 'of several transfer codings in TE only trailers is kept',
    send: head('GET / HTTP/1.1', 'Host: a.test', 'TE: gzip;q=0.5, trailers', 'Connection: TE'),
    expect: served({ line: 'GET / HTTP/1.1', lacks: [/gzip/] }),
  },
  droppedFromAnswer('HB-012', HOP, 'Keep-Alive: timeout=5'),
  droppedFromAnswer('HB-013', HOP, 'Proxy-Connection: keep-alive'),
  droppedFromAnswer('HB-014', HOP, 'Upgrade: h2c'),
  droppedFromAnswer('HB-015', HOP, 'TE: trailers'),
  {
    id: 'HB-016',
    rule: 'SPEC B',
    title: 'X-Powered-By of the backend does not reach the client',
    send: head('GET / HTTP/1.1', 'Host: a.test'),
    backend: [reply(`${head('HTTP/1.1 200 OK', 'X-Powered-By: PHP/5.2', 'Content-Length: 2')}ok`)],
    expect: {
      answers: [{ status: 200, lacks: ['X-Powered-By'] }],
      then: 'open',
      forwarded: ['GET / HTTP/1.1'],
    },
  },
  {
    id: 'HB-017',
    rule: 'RFC 9110 5.3',
    title: 'Set-Cookie lines stay apart and in order',
    send: head('GET / HTTP/1.1', 'Host: a.test'),
    backend: [reply(`${head('HTTP/1.1 200 OK', 'Set-Cookie: a=1', 'Set-Cookie: b=2, c', 'Content-Length: 2')}ok`)],
    expect: {
      answers: [{ status: 200, has: ['Set-Cookie: a=1', 'Set-Cookie: b=2, c'] }],
      then: 'open',
      forwarded: ['GET / HTTP/1.1'],
    },
  },
];
