import {
  type ConformanceCase,
  earlyReply,
  type ExpectedForward,
  head,
  refused,
  reply,
  untilForwarded,
  untilRead,
  untilReceived,
} from '../case.ts';

const HOST = 'Host: a.test';
const ASKING = head('POST / HTTP/1.1', HOST, 'Content-Length: 5', 'Expect: 100-continue');
const OK = `${head('HTTP/1.1 200 OK', 'Content-Length: 2')}ok`;
const GET = head('GET / HTTP/1.1', HOST);
const FORWARDED: ExpectedForward = { line: 'GET / HTTP/1.1' };

/** RFC 9110 10.1.1 and 15.2: Expect and interim responses. */
export const EXPECT_AND_INTERIM: readonly ConformanceCase[] = [
  {
    id: 'EX-001',
    rule: 'RFC 9110 10.1.1, PEERS 3 row 24',
    title: '100-continue passes end to end: the question to the backend, its 100 to the client, then the body',
    send: [ASKING, untilRead('HTTP/1.1 100'), 'hello'],
    backend: [earlyReply('HTTP/1.1 100 Continue\r\n\r\n', untilReceived('hello'), OK)],
    expect: {
      answers: [100, { status: 200, body: 'ok' }],
      then: 'open',
      forwarded: [{ line: 'POST / HTTP/1.1', has: [/^Expect: 100-continue$/i], body: 'hello' }],
    },
  },
  {
    id: 'EX-002',
    rule: 'RFC 9110 10.1.1, PEERS 3 row 24',
    title: 'a final answer in place of the 100 reaches the client, which sends no body',
    send: ASKING,
    backend: [earlyReply(`${head('HTTP/1.1 413 Content Too Large', 'Content-Length: 2')}no`)],
    expect: {
      answers: [{ status: 413, body: 'no' }],
      then: 'closed',
      forwarded: [{ line: 'POST / HTTP/1.1', complete: false }],
      backendConnection: 'closed',
    },
  },
  {
    id: 'EX-003',
    rule: 'RFC 9110 10.1.1',
    title: 'a client that does not wait for the 100 is served',
    send: `${ASKING}hello`,
    backend: [reply(OK)],
    expect: { answers: [200], then: 'open', forwarded: [{ line: 'POST / HTTP/1.1', body: 'hello' }] },
  },
  {
    id: 'EX-004',
    rule: 'RFC 9110 10.1.1',
    title: 'an unknown expectation is 417',
    send: head('POST / HTTP/1.1', HOST, 'Content-Length: 0', 'Expect: 200-ok'),
    expect: refused(417, 'expectation_failed'),
  },
  {
    id: 'EX-005',
    rule: 'RFC 9110 10.1.1',
    title: 'the expectation is case-insensitive',
    send: [
      head('POST / HTTP/1.1', HOST, 'Content-Length: 5', 'Expect: 100-Continue'),
      untilRead('HTTP/1.1 100'),
      'hello',
    ],
    backend: [earlyReply('HTTP/1.1 100 Continue\r\n\r\n', untilReceived('hello'), OK)],
    expect: { answers: [100, 200], then: 'open', forwarded: [{ line: 'POST / HTTP/1.1', body: 'hello' }] },
  },
  {
    id: 'EX-006',
    rule: 'RFC 9110 10.1.1',
    title: 'the expectation of an HTTP/1.0 client is ignored and gets no 100',
    send: [head('POST / HTTP/1.0', HOST, 'Content-Length: 5', 'Expect: 100-continue'), 'hello'],
    backend: [reply('HTTP/1.1 100 Continue\r\n\r\n', OK)],
    expect: {
      answers: [{ status: 200, body: 'ok' }],
      then: 'closed',
      forwarded: [{ line: 'POST / HTTP/1.1', body: 'hello', lacks: ['Expect'] }],
    },
  },
  {
    id: 'EX-007',
    rule: 'RFC 9110 15.2',
    title: 'an interim answer is forwarded with its fields',
    send: GET,
    backend: [reply(head('HTTP/1.1 103 Early Hints', 'Link: </a.css>; rel=preload'), OK)],
    expect: {
      answers: [
        { status: 103, has: ['Link: </a.css>; rel=preload'] },
        { status: 200, body: 'ok' },
      ],
      then: 'open',
      forwarded: [FORWARDED],
    },
  },
  {
    id: 'EX-008',
    rule: 'RFC 9110 15.2, PEERS 4.10',
    title: 'several interim answers are forwarded in order',
    send: GET,
    backend: [
      reply(
        head('HTTP/1.1 102 Processing'),
        head('HTTP/1.1 103 Early Hints', 'Link: </a>'),
        head('HTTP/1.1 103 Early Hints', 'Link: </b>'),
        OK,
      ),
    ],
    expect: {
      answers: [102, { status: 103, has: ['Link: </a>'] }, { status: 103, has: ['Link: </b>'] }, 200],
      then: 'open',
      forwarded: [FORWARDED],
    },
  },
  {
    id: 'EX-009',
    rule: 'RFC 9110 15.2',
    title: 'no interim answer reaches an HTTP/1.0 client',
    send: head('GET / HTTP/1.0', HOST),
    backend: [reply(head('HTTP/1.1 103 Early Hints', 'Link: </a>'), OK)],
    expect: { answers: [{ status: 200, body: 'ok' }], then: 'closed', forwarded: [FORWARDED] },
  },
  {
    id: 'EX-010',
    rule: 'RFC 9110 15.2, DESIGN 5',
    title: 'a flood of interim answers is cut off',
    send: GET,
    backend: [reply({ kind: 'repeat', text: head('HTTP/1.1 102 Processing'), times: 20_000 }, OK)],
    expect: {
      answers: [{ status: 102, optional: true }, { status: 502 }],
      then: 'open',
      forwarded: [FORWARDED],
      backendConnection: 'closed',
    },
  },
  {
    id: 'EX-011',
    rule: 'RFC 9110 15.2.2',
    title: 'a 101 that nobody asked for is refused',
    send: GET,
    backend: [reply(head('HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'), 'raw')],
    expect: {
      answers: [{ status: 502, code: 'backend_invalid_response' }],
      then: 'open',
      forwarded: [FORWARDED],
      backendConnection: 'closed',
    },
  },
  {
    id: 'EX-012',
    rule: 'RFC 9110 15.2, 8.6',
    title: 'an interim answer with Content-Length has no body: what follows is parsed as the next head',
    send: GET,
    backend: [reply(`${head('HTTP/1.1 103 Early Hints', 'Content-Length: 5')}hello`, OK)],
    expect: {
      answers: [{ status: 103, body: '', optional: true }, { status: 502 }],
      then: 'open',
      forwarded: [FORWARDED],
      backendConnection: 'closed',
    },
  },
  {
    id: 'EX-013',
    rule: 'RFC 9112 9.2',
    title: 'an interim answer and nothing else is not an answer',
    send: GET,
    backend: [reply(head('HTTP/1.1 103 Early Hints', 'Link: </a>'), { kind: 'fin' })],
    expect: { answers: [103, { status: 502 }], then: 'open', forwarded: [FORWARDED], backendConnection: 'closed' },
  },
  {
    id: 'EX-014',
    rule: 'RFC 9110 10.1.1',
    title: 'two different expectations in one field are refused',
    send: head('POST / HTTP/1.1', HOST, 'Content-Length: 0', 'Expect: 100-continue, 200-ok'),
    expect: refused(417, 'expectation_failed'),
  },
  {
    id: 'EX-015',
    rule: 'RFC 9112 6.1, RFC 9110 10.1.1',
    title: 'Expect does not hide ambiguous framing',
    send: `${head('POST / HTTP/1.1', HOST, 'Expect: 100-continue', 'Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    expect: refused(400, 'length_and_encoding'),
  },
  {
    id: 'EX-016',
    rule: 'RFC 9110 10.1.1',
    title: 'after a final answer in place of the 100 the body is not taken for a request',
    send: [ASKING, untilForwarded('Expect'), untilRead('HTTP/1.1 401'), head('GET /smuggled HTTP/1.1', HOST)],
    backend: [earlyReply(head('HTTP/1.1 401 Unauthorized', 'WWW-Authenticate: Basic', 'Content-Length: 0'))],
    expect: {
      answers: [401],
      then: 'closed',
      forwarded: [{ line: 'POST / HTTP/1.1', complete: false }],
      backendConnection: 'closed',
    },
  },
];
