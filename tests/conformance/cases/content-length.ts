import { type ConformanceCase, type Expectation, head, refused, served } from '../case.ts';

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n';

function lengthCase(id: string, title: string, lines: readonly string[], expect: Expectation): ConformanceCase {
  const send = `${head('POST / HTTP/1.1', 'Host: a.test', ...lines)}hello${SMUGGLED}`;
  return { id, rule: 'RFC 9112 6.2, 6.3', title, send, expect };
}

const REFUSED = refused(400, 'length_invalid');

/** RFC 9112 6.2 and RFC 9110 8.6: Content-Length. */
export const CONTENT_LENGTH: readonly ConformanceCase[] = [
  lengthCase('CL-001', 'a plus sign is refused', ['Content-Length: +5'], REFUSED),
  lengthCase('CL-002', 'a minus sign is refused', ['Content-Length: -5'], REFUSED),
  lengthCase('CL-003', 'a list of equal values is refused', ['Content-Length: 5, 5'], REFUSED),
  lengthCase('CL-004', 'a list of different values is refused', ['Content-Length: 5, 6'], REFUSED),
  lengthCase('CL-005', 'hexadecimal is refused', ['Content-Length: 0x5'], REFUSED),
  lengthCase('CL-006', 'a fraction is refused', ['Content-Length: 5.0'], REFUSED),
  lengthCase('CL-007', 'an exponent is refused', ['Content-Length: 5e0'], REFUSED),
  lengthCase('CL-008', 'an empty value is refused', ['Content-Length:'], REFUSED),
  lengthCase('CL-009', 'a word is refused', ['Content-Length: five'], REFUSED),
  lengthCase('CL-010', 'a space inside is refused', ['Content-Length: 5 5'], REFUSED),
  lengthCase('CL-011', 'digits beyond ASCII are refused', ['Content-Length: \xb2'], REFUSED),
  lengthCase('CL-012', 'a value beyond 2^53 is refused, not rounded', ['Content-Length: 9007199254740993'], REFUSED),
  lengthCase(
    'CL-013',
    'a value beyond 2^64 is refused, not wrapped',
    ['Content-Length: 18446744073709551621'],
    REFUSED,
  ),
  lengthCase(
    'CL-014',
    'two equal fields are refused',
    ['Content-Length: 5', 'Content-Length: 5'],
    refused(400, 'length_repeated'),
  ),
  lengthCase(
    'CL-015',
    'two different fields are refused',
    ['Content-Length: 5', 'content-length: 47'],
    refused(400, 'length_repeated'),
  ),
  lengthCase('CL-016', 'a space before the colon is refused', ['Content-Length : 5'], refused(400)),
  lengthCase('CL-017', 'a folded value is refused', ['Content-Length:', ' 5'], refused(400)),
  {
    id: 'CL-018',
    rule: 'RFC 9112 6.3',
    title: 'the body ends where Content-Length says; what follows is the next request',
    send: `${head('POST /first HTTP/1.1', 'Host: a.test', 'Content-Length: 5')}hello${head('GET /second HTTP/1.1', 'Host: a.test')}`,
    expect: served(
      { line: 'POST /first HTTP/1.1', body: 'hello', framing: 'length' },
      { line: 'GET /second HTTP/1.1', framing: 'none' },
    ),
  },
  {
    id: 'CL-019',
    rule: 'RFC 9110 8.6',
    title: 'leading zeros are digits',
    send: `${head('POST / HTTP/1.1', 'Host: a.test', 'Content-Length: 005')}hello`,
    expect: served({ line: 'POST / HTTP/1.1', body: 'hello', framing: 'length' }),
  },
  {
    id: 'CL-020',
    rule: 'RFC 9110 5.5',
    title: 'white space around the value is trimmed',
    send: `${head('POST / HTTP/1.1', 'Host: a.test', 'Content-Length: \t5 ')}hello`,
    expect: served({ line: 'POST / HTTP/1.1', body: 'hello', has: ['Content-Length: 5'] }),
  },
  {
    id: 'CL-021',
    rule: 'RFC 9110 8.6',
    title: 'a length of zero is forwarded as zero',
    send: head('POST / HTTP/1.1', 'Host: a.test', 'Content-Length: 0'),
    expect: served({ line: 'POST / HTTP/1.1', body: '', has: ['Content-Length: 0'] }),
  },
  {
    id: 'CL-022',
    rule: 'RFC 9112 6.3',
    title: 'a POST without any framing has no body',
    send: `${head('POST /first HTTP/1.1', 'Host: a.test')}${head('GET /second HTTP/1.1', 'Host: a.test')}`,
    expect: served({ line: 'POST /first HTTP/1.1', body: '' }, 'GET /second HTTP/1.1'),
  },
  {
    id: 'CL-023',
    rule: 'RFC 9110 9.3.1',
    title: 'a body of GET is forwarded within its framing',
    send: `${head('GET / HTTP/1.1', 'Host: a.test', 'Content-Length: 5')}hello`,
    expect: served({ line: 'GET / HTTP/1.1', body: 'hello', framing: 'length' }),
  },
  {
    id: 'CL-024',
    rule: 'RFC 9112 6.3',
    title: 'a body that comes in many pieces is forwarded whole',
    send: [head('POST / HTTP/1.1', 'Host: a.test', 'Content-Length: 11'), 'he', 'llo', ' ', 'world'],
    expect: served({ line: 'POST / HTTP/1.1', body: 'hello world', framing: 'length' }),
  },
];
