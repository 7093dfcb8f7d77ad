import { type ConformanceCase, head, refused, reply } from '../case.ts';

const HOST = 'Host: a.test';

/** RFC 9110 9: methods, Max-Forwards and the marks that keep a request from going in circles. */
export const METHODS: readonly ConformanceCase[] = [
  {
    id: 'ME-001',
    rule: 'RFC 9110 9.1',
    title: 'methods are case-sensitive: get is forwarded as it is, never as GET',
    send: head('get / HTTP/1.1', HOST),
    expect: { answers: [200], then: 'open', forwarded: ['get / HTTP/1.1'] },
  },
  {
    id: 'ME-002',
    rule: 'RFC 9110 9.1',
    title: 'a method that nobody has registered is forwarded',
    send: head('PURGE /x HTTP/1.1', HOST),
    expect: { answers: [200], then: 'open', forwarded: ['PURGE /x HTTP/1.1'] },
  },
  {
    id: 'ME-003',
    rule: 'RFC 9110 9.3.8',
    title: 'TRACE is refused: it would show the client fields that the proxy added',
    send: head('TRACE / HTTP/1.1', HOST),
    expect: {
      answers: [{ status: 405, code: 'method_refused', has: [/^Allow: /, 'Connection: close'] }],
      then: 'closed',
      forwarded: 'none',
    },
  },
  {
    id: 'ME-004',
    rule: 'RFC 9110 9.3.6',
    title: 'CONNECT in authority form is refused and opens no tunnel',
    send: head('CONNECT a.test:443 HTTP/1.1', 'Host: a.test:443'),
    expect: refused([400, 405, 501]),
  },
  {
    id: 'ME-005',
    rule: 'RFC 9110 9.3.6',
    title: 'CONNECT with a path is refused',
    send: head('CONNECT / HTTP/1.1', HOST),
    expect: refused([400, 405, 501]),
  },
  {
    id: 'ME-006',
    rule: 'RFC 9110 7.6.2',
    title: 'OPTIONS with Max-Forwards 0 is answered by the proxy and goes no further',
    send: head('OPTIONS / HTTP/1.1', HOST, 'Max-Forwards: 0'),
    expect: { answers: [{ status: [200, 204] }], then: 'open', forwarded: 'none' },
  },
  {
    id: 'ME-007',
    rule: 'RFC 9110 7.6.2',
    title: 'OPTIONS with Max-Forwards 5 is forwarded with 4',
    send: head('OPTIONS / HTTP/1.1', HOST, 'Max-Forwards: 5'),
    expect: { answers: [200], then: 'open', forwarded: [{ line: 'OPTIONS / HTTP/1.1', has: ['Max-Forwards: 4'] }] },
  },
  {
    id: 'ME-008',
    rule: 'RFC 9110 7.6.2',
    title: 'Max-Forwards means nothing for GET and is passed on',
    send: head('GET / HTTP/1.1', HOST, 'Max-Forwards: 0'),
    expect: { answers: [200], then: 'open', forwarded: [{ line: 'GET / HTTP/1.1', has: ['Max-Forwards: 0'] }] },
  },
  {
    id: 'ME-009',
    rule: 'RFC 9110 7.6.3',
    title: 'a forwarded request says in Via by whom and in which version it was received',
    send: head('GET / HTTP/1.1', HOST),
    expect: { answers: [200], then: 'open', forwarded: [{ line: 'GET / HTTP/1.1', has: [/^Via: 1\.1 [!-~]+$/] }] },
  },
  {
    id: 'ME-010',
    rule: 'RFC 9110 7.6.3',
    title: 'Via of an HTTP/1.0 client says 1.0',
    send: head('GET / HTTP/1.0', HOST),
    expect: { answers: [200], then: 'closed', forwarded: [{ line: 'GET / HTTP/1.1', has: [/^Via: 1\.0 [!-~]+$/] }] },
  },
  {
    id: 'ME-011',
    rule: 'RFC 9110 7.6.3',
    title: 'Via of earlier hops is kept, in order, before the own entry',
    send: head('GET / HTTP/1.1', HOST, 'Via: 1.0 fred, 1.1 example.net'),
    expect: {
      answers: [200],
      then: 'open',
      forwarded: [{ line: 'GET / HTTP/1.1', has: ['Via: 1.0 fred, 1.1 example.net', /^Via: 1\.1 rwwwrse/] }],
    },
  },
  {
    id: 'ME-012',
    rule: 'RFC 9110 7.6.3, PEERS 4.30',
    title: 'a request that carries the own Via entry is a loop: 508',
    send: head('GET / HTTP/1.1', HOST, 'Via: {via}'),
    expect: refused(508, 'loop_detected'),
  },
  {
    id: 'ME-013',
    rule: 'RFC 9110 7.6.3, PEERS 4.30',
    title: 'the own Via entry is found in the middle of a list and on a second line',
    send: head('GET / HTTP/1.1', HOST, 'Via: 1.1 first', 'Via: 1.1 second, {via}, 1.1 third'),
    expect: refused(508, 'loop_detected'),
  },
  {
    id: 'ME-014',
    rule: 'RFC 9110 9.3.2',
    title: 'HEAD is forwarded as HEAD and its answer has no body',
    send: head('HEAD / HTTP/1.1', HOST),
    backend: [reply(head('HTTP/1.1 200 OK', 'Content-Length: 10'))],
    expect: {
      answers: [{ status: 200, has: ['Content-Length: 10'], body: '' }],
      then: 'open',
      forwarded: ['HEAD / HTTP/1.1'],
    },
  },
];
