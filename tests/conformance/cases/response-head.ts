import { badGateway, type BackendStep, bytesOf, type ConformanceCase, head, reply } from '../case.ts';

const SEND = head('GET / HTTP/1.1', 'Host: a.test');

function invalid(id: string, rule: string, title: string, answer: string): ConformanceCase {
  return { id, rule, title, send: SEND, backend: [reply(answer)], expect: badGateway(502, 'backend_invalid_response') };
}

function invalidField(id: string, rule: string, title: string, lines: string): ConformanceCase {
  return invalid(id, rule, title, `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${lines}\r\n\r\nok`);
}

function tooLarge(id: string, title: string, lines: string): ConformanceCase {
  return {
    ...invalidField(id, 'RFC 9110 15.6.3, PEERS 4.7', title, lines),
    expect: badGateway(502, 'backend_head_too_large'),
  };
}

function missing(id: string, title: string, ...steps: readonly BackendStep[]): ConformanceCase {
  return { id, rule: 'RFC 9110 15.6.3', title, send: SEND, backend: [reply(...steps)], expect: badGateway(502) };
}

function passed(
  [id, rule]: readonly [id: string, rule: string],
  title: string,
  answer: string,
  has: readonly (string | RegExp)[],
): ConformanceCase {
  return {
    id,
    rule,
    title,
    send: SEND,
    backend: [reply(answer)],
    expect: { answers: [{ status: 200, body: 'ok', has }], then: 'open', forwarded: ['GET / HTTP/1.1'] },
  };
}

/** RFC 9112 4 and DESIGN 6 (the mirror rules): heads of hostile backends. */
export const RESPONSE_HEAD: readonly ConformanceCase[] = [
  invalid('RH-001', 'RFC 9112 4', 'a status of two digits is refused', 'HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok'),
  invalid(
    'RH-002',
    'RFC 9112 4',
    'a status of four digits is refused',
    'HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok',
  ),
  invalid(
    'RH-003',
    'RFC 9112 4',
    'a status that is no number is refused',
    'HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\nok',
  ),
  invalid('RH-004', 'RFC 9110 15', 'a status below 100 is refused', 'HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\nok'),
  invalid(
    'RH-006',
    'RFC 9112 2.3',
    'HTTP/2 in a status line is refused',
    'HTTP/2 200 OK\r\nContent-Length: 2\r\n\r\nok',
  ),
  invalid(
    'RH-007',
    'RFC 9112 2.3',
    'HTTP/1.2 in a status line is refused',
    'HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\nok',
  ),
  invalid(
    'RH-008',
    'RFC 9112 2.3',
    'http/1.1 in small letters is refused',
    'http/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  ),
  invalid('RH-009', 'RFC 9112 4', 'another protocol name is refused', 'ICY 200 OK\r\nContent-Length: 2\r\n\r\nok'),
  invalid(
    'RH-010',
    'RFC 9112 4',
    'two spaces before the status are refused',
    'HTTP/1.1  200 OK\r\nContent-Length: 2\r\n\r\nok',
  ),
  invalid(
    'RH-011',
    'RFC 9112 4',
    'an empty line before the status line is refused',
    '\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  ),
  invalid('RH-012', 'RFC 9112 4', 'a bare body (HTTP/0.9) is refused', '<html>hello</html>\r\n\r\n'),
  invalid(
    'RH-013',
    'RFC 9112 4',
    'a bare CR in the reason phrase is refused',
    'HTTP/1.1 200 O\rK\r\nContent-Length: 2\r\n\r\nok',
  ),
  invalid(
    'RH-014',
    'RFC 9110 5.5, PEERS 4.15',
    'a NUL in the reason phrase is refused',
    'HTTP/1.1 200 O\x00K\r\nContent-Length: 2\r\n\r\nok',
  ),
  invalid(
    'RH-015',
    'RFC 9112 2.2, DESIGN 6',
    'a status line that ends with a bare LF is refused',
    'HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\nok',
  ),
  invalid(
    'RH-016',
    'RFC 9112 2.2, DESIGN 6',
    'a head that ends with bare LFs is refused',
    'HTTP/1.1 200 OK\nContent-Length: 2\n\nok',
  ),
  invalidField('RH-017', 'RFC 9112 5.2, DESIGN 6', 'a folded field is refused', 'X-A: b\r\n c'),
  invalidField('RH-018', 'RFC 9112 5.1, DESIGN 6', 'a space before the colon is refused', 'X-A : b'),
  invalidField('RH-019', 'RFC 9112 5', 'an empty field name is refused', ': b'),
  invalidField('RH-020', 'RFC 9112 5', 'a line without a colon is refused', 'X-A'),
  invalidField('RH-021', 'RFC 9110 5.5, PEERS 4.15', 'a NUL in a value is refused', 'X-A: b\x00c'),
  invalidField('RH-022', 'RFC 9110 5.5, PEERS 4.15', 'a control byte in a value is refused', 'X-A: b\x1bc'),
  invalidField(
    'RH-023',
    'RFC 9110 5.5, PEERS 4.15',
    'response splitting by a bare LF is refused',
    'Location: /x\nSet-Cookie: evil=1',
  ),
  invalidField(
    'RH-024',
    'RFC 9110 5.5, PEERS 4.15',
    'response splitting by a bare CR is refused',
    'Location: /x\rSet-Cookie: evil=1',
  ),
  invalidField('RH-025', 'RFC 9110 5.1', 'a delimiter in a field name is refused', 'X[A]: b'),
  tooLarge('RH-026', 'a head beyond the limit is refused', `X-A: ${'a'.repeat(2_000_000)}`),
  tooLarge('RH-027', 'fields beyond the limit are refused', 'X: y\r\n'.repeat(20_000).trimEnd()),
  {
    id: 'RH-028',
    rule: 'RFC 9110 15.6.3, PEERS 4.7',
    title: 'a head without end is refused',
    send: SEND,
    backend: [reply('HTTP/1.1 200 OK\r\nX-A: ', { kind: 'repeat', text: 'a'.repeat(10_000), times: 300 })],
    expect: badGateway(502, 'backend_head_too_large'),
  },
  missing('RH-029', 'a backend that closes without a byte is 502', { kind: 'fin' }),
  missing('RH-030', 'a backend that resets without a byte is 502', { kind: 'reset' }),
  missing('RH-031', 'a backend that closes in the middle of its head is 502', 'HTTP/1.1 200 OK\r\nContent-Le', {
    kind: 'fin',
  }),
  missing('RH-032', 'a backend that resets in the middle of its head is 502', 'HTTP/1.1 200 OK\r\nContent-Le', {
    kind: 'reset',
  }),
  passed(
    ['RH-033', 'RFC 9112 4'],
    'an empty reason phrase is allowed',
    'HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok',
    [],
  ),
  {
    id: 'RH-034',
    rule: 'RFC 9112 4',
    title: 'an answer that comes byte by byte is read like a whole one',
    send: SEND,
    backend: [reply(...bytesOf('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\n\r\nok'))],
    expect: { answers: [{ status: 200, body: 'ok', has: ['X-A: b'] }], then: 'open', forwarded: ['GET / HTTP/1.1'] },
  },
  passed(
    ['RH-035', 'RFC 9110 5.5'],
    'bytes beyond ASCII in a value are passed on as they are',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: \xe9\xff\r\n\r\nok',
    ['X-A: \xe9\xff'],
  ),
  passed(
    ['RH-036', 'RFC 9112 2.3'],
    'an HTTP/1.0 answer reaches the client as HTTP/1.1',
    'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok',
    [],
  ),
  {
    id: 'RH-005',
    rule: 'RFC 9110 15',
    title: 'a status beyond 599 is no class of its own and is passed on',
    send: SEND,
    backend: [reply('HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok')],
    expect: { answers: [{ status: 999, body: 'ok' }], then: 'open', forwarded: ['GET / HTTP/1.1'] },
  },
  {
    id: 'RH-037',
    rule: 'RFC 9110 15',
    title: 'a status that nobody has registered is passed on',
    send: SEND,
    backend: [reply('HTTP/1.1 499 Odd\r\nContent-Length: 2\r\n\r\nok')],
    expect: { answers: [{ status: 499, body: 'ok' }], then: 'open', forwarded: ['GET / HTTP/1.1'] },
  },
];
