import { type ConformanceCase, head, reply, served, untilForwarded } from '../case.ts';

const HOST = 'Host: a.test';
const FIRST = head('GET /first HTTP/1.1', HOST);
const SECOND = head('GET /second HTTP/1.1', HOST);

function body(text: string): string {
  return `${head('HTTP/1.1 200 OK', `Content-Length: ${text.length}`)}${text}`;
}

/** RFC 9112 9.3.2: several requests on one connection. */
export const PIPELINING: readonly ConformanceCase[] = [
  {
    id: 'PL-001',
    rule: 'RFC 9112 9.3.2',
    title: 'pipelined requests are answered in their order',
    send: `${FIRST}${SECOND}${head('GET /third HTTP/1.1', HOST)}`,
    backend: [reply(body('one')), reply(body('two')), reply(body('three'))],
    expect: {
      answers: [
        { status: 200, body: 'one' },
        { status: 200, body: 'two' },
        { status: 200, body: 'three' },
      ],
      then: 'open',
      forwarded: ['GET /first HTTP/1.1', 'GET /second HTTP/1.1', 'GET /third HTTP/1.1'],
    },
  },
  {
    id: 'PL-002',
    rule: 'RFC 9112 9.3.2, DESIGN 6',
    title: 'an error in the second request leaves the first its answer and ends the connection',
    send: `${FIRST}GET /second HTTP/1.1\r\nHost : a.test\r\n\r\n${head('GET /third HTTP/1.1', HOST)}`,
    expect: { answers: [200, 400], then: 'closed', forwarded: ['GET /first HTTP/1.1'] },
  },
  {
    id: 'PL-003',
    rule: 'RFC 9112 9.3.2, DESIGN 6',
    title: 'an error in the first request keeps the second from being served',
    send: `GET /first HTTP/1.1\r\n\r\n${SECOND}`,
    expect: { answers: [400], then: 'closed', forwarded: 'none' },
  },
  {
    id: 'PL-004',
    rule: 'RFC 9112 9.3.2',
    title: 'an error behind a slow request is answered after it, not before',
    send: [FIRST, untilForwarded('/first'), 'nonsense\r\n\r\n'],
    backend: [reply(head('HTTP/1.1 103 Early Hints', 'Link: </a>'), body('slow'))],
    expect: {
      answers: [103, { status: 200, body: 'slow' }, 400],
      then: 'closed',
      forwarded: ['GET /first HTTP/1.1'],
    },
  },
  {
    id: 'PL-005',
    rule: 'RFC 9112 9.3.2',
    title: 'an answer of the proxy and answers of the backend keep the order',
    send: `${FIRST}${head('GET /live HTTP/1.1', 'Host: localhost')}${SECOND}`,
    expect: {
      answers: [200, { status: 200, has: ['Content-Type: application/json'] }, 200],
      then: 'open',
      forwarded: ['GET /first HTTP/1.1', 'GET /second HTTP/1.1'],
    },
  },
  {
    id: 'PL-006',
    rule: 'RFC 9112 9.3',
    title: 'HEAD and GET in one pipeline are told apart',
    send: `${head('HEAD /first HTTP/1.1', HOST)}${SECOND}`,
    backend: [reply(head('HTTP/1.1 200 OK', 'Content-Length: 5')), reply(body('hello'))],
    expect: {
      answers: [
        { status: 200, body: '', has: ['Content-Length: 5'] },
        { status: 200, body: 'hello' },
      ],
      then: 'open',
      forwarded: ['HEAD /first HTTP/1.1', 'GET /second HTTP/1.1'],
    },
  },
  {
    id: 'PL-007',
    rule: 'RFC 9112 9.3.2',
    title: 'a body and the next head in one piece are told apart',
    send: [`${head('POST /first HTTP/1.1', HOST, 'Content-Length: 5')}hel`, `lo${SECOND}`],
    expect: served({ line: 'POST /first HTTP/1.1', body: 'hello' }, 'GET /second HTTP/1.1'),
  },
  {
    id: 'PL-008',
    rule: 'RFC 9112 9.3.2',
    title: 'fifty pipelined requests get fifty answers',
    send: FIRST.repeat(50),
    expect: served(...Array.from({ length: 50 }, () => 'GET /first HTTP/1.1')),
  },
  {
    id: 'PL-009',
    rule: 'RFC 9112 2.2',
    title: 'a stray empty line between two requests is ignored',
    send: `${FIRST}\r\n${SECOND}`,
    expect: served('GET /first HTTP/1.1', 'GET /second HTTP/1.1'),
  },
  {
    id: 'PL-010',
    rule: 'RFC 9112 9.3.2',
    title: 'a failure of the backend for the first request does not cost the second its answer',
    send: `${FIRST}${SECOND}`,
    backend: [reply('nonsense\r\n\r\n'), reply(body('two'))],
    expect: {
      answers: [{ status: 502 }, { status: 200, body: 'two' }],
      then: 'open',
      forwarded: ['GET /first HTTP/1.1', 'GET /second HTTP/1.1'],
    },
  },
  {
    id: 'PL-011',
    rule: 'RFC 9112 9.5',
    title: 'a broken answer to the first request ends the connection: the second is not answered behind it',
    send: `${FIRST}${SECOND}`,
    backend: [reply(`${head('HTTP/1.1 200 OK', 'Content-Length: 10')}short`, { kind: 'fin' })],
    expect: {
      answers: [{ status: 200, body: 'short', cut: true }],
      then: 'closed',
      forwarded: ['GET /first HTTP/1.1'],
      backendConnection: 'closed',
    },
  },
];
