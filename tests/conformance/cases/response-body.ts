import {
  type BackendStep,
  type ConformanceCase,
  type ExpectedAnswer,
  FIN,
  head,
  reply,
  RESET,
  untilDelivered,
} from '../case.ts';

const SEND = head('GET / HTTP/1.1', 'Host: a.test');
const OLD = head('GET / HTTP/1.0', 'Host: a.test');
const CHUNKED = head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked');
const GOOD = '2\r\nok\r\n';

function cut(id: string, rule: string, title: string, ...steps: readonly BackendStep[]): ConformanceCase {
  const answer: ExpectedAnswer = { status: 200, cut: true };
  return {
    id,
    rule,
    title,
    send: SEND,
    backend: [reply(...steps)],
    expect: { answers: [answer], then: 'closed', forwarded: ['GET / HTTP/1.1'], backendConnection: 'closed' },
  };
}

/** The first chunk is written apart, so that the head is on its way to the client before the bad bytes come. */
function badChunk(id: string, title: string, bytes: string, rule = 'RFC 9112 7.1'): ConformanceCase {
  return {
    id,
    rule,
    title,
    send: [SEND, { kind: 'until-read', text: 'ok' }],
    backend: [reply(`${CHUNKED}${GOOD}`, untilDelivered('ok'), bytes)],
    expect: {
      answers: [{ status: 200, body: 'ok', cut: true }],
      then: 'closed',
      forwarded: ['GET / HTTP/1.1'],
      backendConnection: 'closed',
    },
  };
}

/** RFC 9112 6.3, 7.1 and 8: bodies of hostile backends. After the head is out the only answer is to cut. */
export const RESPONSE_BODY: readonly ConformanceCase[] = [
  cut(
    'RB-001',
    'RFC 9112 8, PEERS 4.12',
    'a body that ends before its Content-Length is cut, never a clean end',
    `${head('HTTP/1.1 200 OK', 'Content-Length: 10')}short`,
    FIN,
  ),
  cut(
    'RB-002',
    'RFC 9112 8',
    'a body that is reset before its Content-Length is cut',
    `${head('HTTP/1.1 200 OK', 'Content-Length: 10')}short`,
    RESET,
  ),
  cut('RB-003', 'RFC 9112 8, PEERS 4.12', 'a chunked body without its last chunk is cut', `${CHUNKED}${GOOD}`, FIN),
  cut('RB-004', 'RFC 9112 8', 'a chunked body that ends inside a chunk is cut', `${CHUNKED}5\r\nhel`, FIN),
  cut('RB-005', 'RFC 9112 8', 'a chunked body that ends inside its last chunk is cut', `${CHUNKED}${GOOD}0\r\n`, FIN),
  cut('RB-006', 'RFC 9112 8', 'a chunked body that is reset is cut', `${CHUNKED}${GOOD}`, RESET),
  cut(
    'RB-007',
    'RFC 9112 8',
    'a body up to the end of the connection is cut by a reset',
    `${head('HTTP/1.1 200 OK')}ok`,
    RESET,
  ),
  badChunk('RB-008', 'a size that is no number is refused', 'zz\r\n'),
  badChunk('RB-009', 'a size with 0x is refused', '0x2\r\nok\r\n'),
  badChunk('RB-010', 'a size with a sign is refused', '+2\r\nok\r\n'),
  badChunk('RB-011', 'a size of 64 bits and more is refused', '10000000000000002\r\nok\r\n'),
  badChunk('RB-012', 'a size line that ends with a bare LF is refused', '2\nok\r\n0\r\n\r\n'),
  badChunk('RB-013', 'chunk data that is longer than its size is refused', '2\r\nokay\r\n0\r\n\r\n'),
  badChunk(
    'RB-014',
    'an over-long extension is refused',
    `2;${'a'.repeat(4_000)}\r\nok\r\n0\r\n\r\n`,
    'RFC 9112 7.1.1, DESIGN 6',
  ),
  badChunk('RB-015', 'a last chunk that ends with a bare LF is refused', '0\n\n'),
  badChunk('RB-016', 'a folded trailer is refused', '0\r\nX-A: b\r\n c\r\n\r\n', 'RFC 9112 5.2'),
  {
    id: 'RB-017',
    rule: 'RFC 9112 6.3',
    title: 'a body up to the end of the connection reaches a 1.1 client with a framing of its own',
    send: SEND,
    backend: [reply(`${head('HTTP/1.1 200 OK', 'X-A: b')}hello`, ' world', FIN)],
    expect: {
      answers: [{ status: 200, body: 'hello world', framing: 'chunked' }],
      then: 'open',
      forwarded: ['GET / HTTP/1.1'],
      backendConnection: 'closed',
    },
  },
  {
    id: 'RB-018',
    rule: 'RFC 9112 6.3',
    title: 'a body up to the end of the connection reaches a 1.0 client the same way',
    send: OLD,
    backend: [reply(`${head('HTTP/1.0 200 OK')}hello`, FIN)],
    expect: {
      answers: [{ status: 200, body: 'hello', framing: 'close' }],
      then: 'closed',
      forwarded: ['GET / HTTP/1.1'],
      backendConnection: 'closed',
    },
  },
  {
    id: 'RB-019',
    rule: 'RFC 9112 6.1, 7.1',
    title: 'a chunked answer reaches a 1.0 client without chunks',
    send: OLD,
    backend: [reply(`${CHUNKED}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`)],
    expect: {
      answers: [{ status: 200, body: 'hello world', framing: 'close', lacks: ['Transfer-Encoding'] }],
      then: 'closed',
      forwarded: ['GET / HTTP/1.1'],
    },
  },
  {
    id: 'RB-020',
    rule: 'RFC 9112 9.3',
    title: 'a chunked answer to a 1.0 client with keep-alive ends with the connection',
    send: head('GET / HTTP/1.0', 'Host: a.test', 'Connection: keep-alive'),
    backend: [reply(`${CHUNKED}${GOOD}0\r\n\r\n`)],
    expect: { answers: [{ status: 200, body: 'ok' }], then: 'closed', forwarded: ['GET / HTTP/1.1'] },
  },
  {
    id: 'RB-021',
    rule: 'RFC 9112 7.1.1',
    title: 'chunk extensions of the backend are not passed on',
    send: SEND,
    backend: [reply(`${CHUNKED}2;evil=1\r\nok\r\n0;evil=2\r\n\r\n`)],
    expect: {
      answers: [{ status: 200, body: 'ok', framing: 'chunked' }],
      then: 'open',
      forwarded: ['GET / HTTP/1.1'],
      backendConnection: 'kept',
    },
  },
  {
    id: 'RB-022',
    rule: 'RFC 9112 6.3',
    title: 'an answer of length zero ends at once and keeps both connections',
    send: SEND,
    backend: [reply(head('HTTP/1.1 200 OK', 'Content-Length: 0'))],
    expect: {
      answers: [{ status: 200, body: '', has: ['Content-Length: 0'] }],
      then: 'open',
      forwarded: ['GET / HTTP/1.1'],
      backendConnection: 'kept',
    },
  },
  {
    id: 'RB-023',
    rule: 'RFC 9112 6.3, PEERS 4.16',
    title: 'a long body of any bytes reaches the client unchanged',
    send: SEND,
    backend: [
      reply(head('HTTP/1.1 200 OK', 'Content-Length: 2560000'), { kind: 'repeat', text: everyByte(), times: 10_000 }),
    ],
    expect: {
      answers: [{ status: 200, body: everyByte().repeat(10_000) }],
      then: 'open',
      forwarded: ['GET / HTTP/1.1'],
      backendConnection: 'kept',
    },
  },
];

/** Every byte once. */
function everyByte(): string {
  return String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
}
