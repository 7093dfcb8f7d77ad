import {
  type ConformanceCase,
  earlyReply,
  FIN,
  head,
  RESET,
  untilForwarded,
  untilRead,
  untilReceived,
} from '../case.ts';

const HOST = 'Host: a.test';
const UPLOAD = head('POST / HTTP/1.1', HOST, 'Content-Length: 1000000');
const NO = `${head('HTTP/1.1 413 Content Too Large', 'Content-Length: 2')}no`;
const UNFINISHED = { line: 'POST / HTTP/1.1', complete: false };

/** RFC 9112 9.5, 9.6 and PEERS 4.16: answers that do not wait for the end of the request. */
export const EARLY_ANSWER: readonly ConformanceCase[] = [
  {
    id: 'EA-001',
    rule: 'RFC 9112 9.5, PEERS 3 row 24',
    title: 'an early 413 reaches the client while it still sends, and no connection is used again',
    send: [UPLOAD, 'b'.repeat(1_000), untilForwarded('bbb'), untilRead('HTTP/1.1 413'), 'b'.repeat(1_000)],
    backend: [earlyReply(untilReceived('bbb'), NO)],
    expect: {
      answers: [{ status: 413, body: 'no' }],
      then: 'closed',
      forwarded: [UNFINISHED],
      backendConnection: 'closed',
    },
  },
  {
    id: 'EA-002',
    rule: 'RFC 9112 9.6, PEERS 4.16',
    title: 'an early answer with a closed connection reaches the client while it still sends much',
    send: [UPLOAD, 'b'.repeat(500_000), untilRead('no')],
    backend: [earlyReply(untilReceived('bbb'), NO, FIN)],
    expect: {
      answers: [{ status: 413, body: 'no' }],
      then: 'closed',
      forwarded: [UNFINISHED],
      backendConnection: 'closed',
    },
  },
  {
    id: 'EA-003',
    rule: 'RFC 9112 9.3, 9.6',
    title: 'a client that goes on with an endless upload after an early answer is cut off',
    send: [
      head('POST / HTTP/1.1', HOST, 'Transfer-Encoding: chunked'),
      untilRead('no'),
      `186a0\r\n${'b'.repeat(100_000)}\r\n`.repeat(4),
    ],
    backend: [earlyReply(NO)],
    expect: {
      answers: [{ status: 413, body: 'no' }],
      then: 'closed',
      forwarded: [UNFINISHED],
      backendConnection: 'closed',
    },
  },
  {
    id: 'EA-004',
    rule: 'RFC 9110 15.6.3',
    title: 'a backend that closes in the middle of the upload without an answer is 502',
    send: [UPLOAD, 'b'.repeat(1_000)],
    backend: [earlyReply(untilReceived('bbb'), FIN)],
    expect: { answers: [{ status: 502 }], then: 'closed', forwarded: [UNFINISHED], backendConnection: 'closed' },
  },
  {
    id: 'EA-005',
    rule: 'RFC 9110 15.6.3',
    title: 'a backend that resets in the middle of the upload is 502, and a POST is not sent twice',
    send: [UPLOAD, 'b'.repeat(1_000)],
    backend: [earlyReply(untilReceived('bbb'), RESET)],
    expect: { answers: [{ status: 502 }], then: 'closed', forwarded: [UNFINISHED], backendConnection: 'closed' },
  },
  {
    id: 'EA-006',
    rule: 'RFC 9112 9.3, PEERS 4.1',
    title: 'after an early answer the rest of the body is thrown away, not taken for a request',
    send: [
      head('POST / HTTP/1.1', HOST, 'Content-Length: 40'),
      untilRead('no'),
      `${head('GET /smuggled HTTP/1.1', HOST)}${head('GET /next HTTP/1.1', HOST)}`,
    ],
    backend: [earlyReply(NO)],
    expect: { answers: [413, 200], then: 'open', forwarded: [UNFINISHED, 'GET /next HTTP/1.1'] },
  },
  {
    id: 'EA-007',
    rule: 'RFC 9112 9.3',
    title: 'after an early answer the rest of a chunked body is thrown away, not taken for a request',
    send: [
      head('POST / HTTP/1.1', HOST, 'Transfer-Encoding: chunked'),
      '5\r\nhello\r\n',
      untilRead('no'),
      `28\r\n${head('GET /smuggled HTTP/1.1', HOST)}\r\n0\r\n\r\n${head('GET /next HTTP/1.1', HOST)}`,
    ],
    backend: [earlyReply(untilReceived('hello'), NO)],
    expect: { answers: [413, 200], then: 'open', forwarded: [UNFINISHED, 'GET /next HTTP/1.1'] },
  },
  {
    id: 'EA-009',
    rule: 'RFC 9112 9.3',
    title: 'a bad chunk after an early answer ends the connection',
    send: [
      head('POST / HTTP/1.1', HOST, 'Transfer-Encoding: chunked'),
      untilRead('no'),
      `nonsense\r\n${head('GET /smuggled HTTP/1.1', HOST)}`,
    ],
    backend: [earlyReply(NO)],
    expect: { answers: [413], then: 'closed', forwarded: [UNFINISHED], backendConnection: 'closed' },
  },
  {
    id: 'EA-008',
    rule: 'RFC 9110 9.2.2, PEERS 4.13',
    title: 'a POST that the backend read and did not answer is not sent again',
    send: `${head('POST / HTTP/1.1', HOST, 'Content-Length: 5')}hello`,
    backend: [earlyReply(untilReceived('hello'), FIN)],
    expect: {
      answers: [{ status: 502, code: 'backend_reset_before_head' }],
      then: 'open',
      forwarded: [{ line: 'POST / HTTP/1.1', body: 'hello' }],
      backendConnection: 'closed',
    },
  },
];
