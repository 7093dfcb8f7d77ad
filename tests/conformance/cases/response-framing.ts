import { badGateway, type ConformanceCase, head, reply } from '../case.ts';

const SEND = head('GET / HTTP/1.1', 'Host: a.test');

function invalid(
  [id, rule]: readonly [id: string, rule: string],
  title: string,
  lines: readonly string[],
  body = 'ok',
): ConformanceCase {
  return {
    id,
    rule,
    title,
    send: SEND,
    backend: [reply(`${head('HTTP/1.1 200 OK', ...lines)}${body}`)],
    expect: badGateway(502, 'backend_invalid_response'),
  };
}

const LENGTH = 'RFC 9112 6.3, DESIGN 6';
const CODING = 'RFC 9112 6.1, DESIGN 6';
const CHUNKS = '2\r\nok\r\n0\r\n\r\n';

/** RFC 9112 6: framing of hostile backends. What is read in two ways would be the next client's answer. */
export const RESPONSE_FRAMING: readonly ConformanceCase[] = [
  invalid(['RF-001', LENGTH], 'two equal Content-Length fields are refused', [
    'Content-Length: 2',
    'Content-Length: 2',
  ]),
  invalid(['RF-002', LENGTH], 'two different Content-Length fields are refused', [
    'Content-Length: 2',
    'Content-Length: 3',
  ]),
  invalid(['RF-003', LENGTH], 'a list of equal lengths is refused', ['Content-Length: 2, 2']),
  invalid(['RF-004', LENGTH], 'a length with a sign is refused', ['Content-Length: +2']),
  invalid(['RF-005', LENGTH], 'a negative length is refused', ['Content-Length: -2']),
  invalid(['RF-006', LENGTH], 'a length that is no number is refused', ['Content-Length: two']),
  invalid(['RF-007', LENGTH], 'an empty length is refused', ['Content-Length:']),
  invalid(['RF-008', LENGTH], 'a length beyond 2^64 is refused', ['Content-Length: 18446744073709551618']),
  invalid(
    ['RF-009', CODING],
    'Content-Length and Transfer-Encoding are refused',
    ['Content-Length: 12', 'Transfer-Encoding: chunked'],
    CHUNKS,
  ),
  invalid(
    ['RF-010', CODING],
    'Transfer-Encoding and Content-Length are refused',
    ['Transfer-Encoding: chunked', 'Content-Length: 2'],
    CHUNKS,
  ),
  invalid(['RF-011', CODING], 'gzip as a transfer coding is refused', ['Transfer-Encoding: gzip']),
  invalid(['RF-012', CODING], 'gzip, chunked is refused', ['Transfer-Encoding: gzip, chunked'], CHUNKS),
  invalid(
    ['RF-013', CODING],
    'two Transfer-Encoding fields are refused',
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
    CHUNKS,
  ),
  invalid(['RF-014', CODING], 'chunked twice is refused', ['Transfer-Encoding: chunked, chunked'], CHUNKS),
  invalid(['RF-015', CODING], 'identity is refused', ['Transfer-Encoding: identity']),
  invalid(['RF-016', CODING], 'an empty Transfer-Encoding is refused', ['Transfer-Encoding:']),
  {
    id: 'RF-017',
    rule: CODING,
    title: 'Transfer-Encoding in an HTTP/1.0 answer is refused',
    send: SEND,
    backend: [reply(`${head('HTTP/1.0 200 OK', 'Transfer-Encoding: chunked')}${CHUNKS}`)],
    expect: badGateway(502, 'backend_invalid_response'),
  },
  {
    id: 'RF-018',
    rule: 'RFC 9112 6.3, DESIGN 6',
    title: 'bytes behind the answer reach nobody, and the connection is not used again',
    send: SEND,
    backend: [reply(`${head('HTTP/1.1 200 OK', 'Content-Length: 2')}okEXTRA`)],
    expect: {
      answers: [{ status: 200, body: 'ok' }],
      then: 'open',
      forwarded: ['GET / HTTP/1.1'],
      backendConnection: 'closed',
    },
  },
  {
    id: 'RF-019',
    rule: 'RFC 9112 9.3.2, PEERS 4.1',
    title: 'a second answer to one request reaches nobody, and the connection is not used again',
    send: SEND.repeat(2),
    backend: [
      reply(`${head('HTTP/1.1 200 OK', 'Content-Length: 2')}ok${head('HTTP/1.1 200 OK', 'Content-Length: 8')}poisoned`),
      reply(`${head('HTTP/1.1 200 OK', 'Content-Length: 5')}clean`),
    ],
    expect: {
      answers: [
        { status: 200, body: 'ok' },
        { status: 200, body: 'clean' },
      ],
      then: 'open',
      forwarded: ['GET / HTTP/1.1', 'GET / HTTP/1.1'],
    },
  },
  {
    id: 'RF-020',
    rule: 'RFC 9112 6.3',
    title: 'bytes behind the last chunk reach nobody, and the connection is not used again',
    send: SEND,
    backend: [reply(`${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}${CHUNKS}EXTRA`)],
    expect: {
      answers: [{ status: 200, body: 'ok' }],
      then: 'open',
      forwarded: ['GET / HTTP/1.1'],
      backendConnection: 'closed',
    },
  },
  {
    id: 'RF-021',
    rule: 'RFC 9112 6.3',
    title: 'a 204 has no body, whatever its length says; bytes behind it reach nobody',
    send: SEND,
    backend: [reply(`${head('HTTP/1.1 204 No Content', 'Content-Length: 5')}hello`)],
    expect: {
      answers: [{ status: [204, 502] }],
      then: 'open',
      forwarded: ['GET / HTTP/1.1'],
      backendConnection: 'closed',
    },
  },
  {
    id: 'RF-022',
    rule: 'RFC 9112 6.1',
    title: 'a 204 with Transfer-Encoding has no body for the client',
    send: SEND,
    backend: [reply(`${head('HTTP/1.1 204 No Content', 'Transfer-Encoding: chunked')}${CHUNKS}`)],
    expect: {
      answers: [{ status: [204, 502] }],
      then: 'open',
      forwarded: ['GET / HTTP/1.1'],
      backendConnection: 'closed',
    },
  },
  {
    id: 'RF-023',
    rule: 'RFC 9110 15.4.5',
    title: 'a 304 keeps its Content-Length and has no body',
    send: SEND,
    backend: [reply(head('HTTP/1.1 304 Not Modified', 'Content-Length: 5', 'ETag: "a"'))],
    expect: {
      answers: [{ status: 304, body: '', has: ['ETag: "a"'] }],
      then: 'open',
      forwarded: ['GET / HTTP/1.1'],
      backendConnection: 'kept',
    },
  },
  {
    id: 'RF-024',
    rule: 'RFC 9112 6.3',
    title: 'bytes behind a 304 reach nobody, and the connection is not used again',
    send: SEND,
    backend: [reply(`${head('HTTP/1.1 304 Not Modified', 'Content-Length: 5')}hello`)],
    expect: {
      answers: [{ status: 304, body: '' }],
      then: 'open',
      forwarded: ['GET / HTTP/1.1'],
      backendConnection: 'closed',
    },
  },
  {
    id: 'RF-025',
    rule: 'RFC 9112 6.3',
    title: 'bytes behind an answer to HEAD reach nobody, and the connection is not used again',
    send: head('HEAD / HTTP/1.1', 'Host: a.test'),
    backend: [reply(`${head('HTTP/1.1 200 OK', 'Content-Length: 5')}hello`)],
    expect: {
      answers: [{ status: 200, body: '', has: ['Content-Length: 5'] }],
      then: 'open',
      forwarded: ['HEAD / HTTP/1.1'],
      backendConnection: 'closed',
    },
  },
  {
    id: 'RF-026',
    rule: 'RFC 9112 6.1',
    title: 'a chunked answer to HEAD has no body',
    send: head('HEAD / HTTP/1.1', 'Host: a.test'),
    backend: [reply(head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'))],
    expect: { answers: [{ status: 200, body: '' }], then: 'open', forwarded: ['HEAD / HTTP/1.1'] },
  },
];
