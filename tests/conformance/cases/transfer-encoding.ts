import { type ConformanceCase, type Expectation, head, refused, served } from '../case.ts';

const CHUNKED_BODY = '5\r\nhello\r\n0\r\n\r\n';
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n';

function encodingCase(
  [id, rule]: readonly [id: string, rule: string],
  title: string,
  lines: readonly string[],
  expect: Expectation,
): ConformanceCase {
  return {
    id,
    rule,
    title,
    send: `${head('POST / HTTP/1.1', 'Host: a.test', ...lines)}${CHUNKED_BODY}${SMUGGLED}`,
    expect,
  };
}

const UNSUPPORTED = refused([400, 501]);

/** RFC 9112 6.1 and 11.2: Transfer-Encoding and the ways in which two parsers disagree about it. */
export const TRANSFER_ENCODING: readonly ConformanceCase[] = [
  {
    id: 'TE-001',
    rule: 'RFC 9112 6.1, 11.2',
    title: 'CL.TE: Content-Length before Transfer-Encoding is refused',
    send: `${head('POST / HTTP/1.1', 'Host: a.test', 'Content-Length: 6', 'Transfer-Encoding: chunked')}0\r\n\r\nG`,
    expect: refused(400, 'length_and_encoding'),
  },
  {
    id: 'TE-002',
    rule: 'RFC 9112 6.1, 11.2',
    title: 'TE.CL: Transfer-Encoding before Content-Length is refused',
    send: `${head('POST / HTTP/1.1', 'Host: a.test', 'Transfer-Encoding: chunked', 'Content-Length: 4')}28\r\n${SMUGGLED}\r\n0\r\n\r\n`,
    expect: refused(400, 'length_and_encoding'),
  },
  {
    id: 'TE-003',
    rule: 'RFC 9112 6.1',
    title: 'CL.TE with a length of zero is refused',
    send: `${head('POST / HTTP/1.1', 'Host: a.test', 'Content-Length: 0', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    expect: refused(400, 'length_and_encoding'),
  },
  encodingCase(
    ['TE-004', 'RFC 9112 6.1'],
    'TE.TE: two fields are refused',
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
    refused(400, 'encoding_repeated'),
  ),
  encodingCase(
    ['TE-005', 'RFC 9112 6.1'],
    'TE.TE: chunked and identity in two fields are refused',
    ['Transfer-Encoding: chunked', 'Transfer-encoding: identity'],
    refused([400, 501]),
  ),
  encodingCase(
    ['TE-006', 'RFC 9112 7'],
    'chunked twice is refused',
    ['Transfer-Encoding: chunked, chunked'],
    UNSUPPORTED,
  ),
  encodingCase(
    ['TE-007', 'RFC 9112 6.1, DESIGN 6'],
    'gzip, chunked is refused',
    ['Transfer-Encoding: gzip, chunked'],
    refused(501),
  ),
  encodingCase(
    ['TE-008', 'RFC 9112 6.3'],
    'chunked that is not last is refused',
    ['Transfer-Encoding: chunked, gzip'],
    UNSUPPORTED,
  ),
  encodingCase(['TE-009', 'RFC 9112 6.1'], 'identity is refused', ['Transfer-Encoding: identity'], UNSUPPORTED),
  encodingCase(
    ['TE-010', 'RFC 9112 6.1'],
    'an unknown coding is 501',
    ['Transfer-Encoding: bogus'],
    refused(501, 'encoding_unsupported'),
  ),
  encodingCase(
    ['TE-011', 'RFC 9112 6.1, DESIGN 6'],
    'xchunked is refused',
    ['Transfer-Encoding: xchunked'],
    UNSUPPORTED,
  ),
  encodingCase(
    ['TE-012', 'RFC 9112 6.1, PEERS 4'],
    'an empty Transfer-Encoding is refused',
    ['Transfer-Encoding:'],
    UNSUPPORTED,
  ),
  {
    id: 'TE-013',
    rule: 'RFC 9112 6.1, PEERS 4',
    title: 'an empty Transfer-Encoding beside Content-Length is refused',
    send: `${head('POST / HTTP/1.1', 'Host: a.test', 'Transfer-Encoding:', 'Content-Length: 3')}abc`,
    expect: UNSUPPORTED,
  },
  encodingCase(
    ['TE-014', 'RFC 9112 6.1, DESIGN 6'],
    'chunked with a parameter is refused',
    ['Transfer-Encoding: chunked;q=1'],
    UNSUPPORTED,
  ),
  encodingCase(
    ['TE-015', 'RFC 9112 6.1, DESIGN 6'],
    'chunked in quotes is refused',
    ['Transfer-Encoding: "chunked"'],
    UNSUPPORTED,
  ),
  encodingCase(
    ['TE-016', 'RFC 9112 6.1, DESIGN 6'],
    'a vertical tab before chunked is refused',
    ['Transfer-Encoding: \x0bchunked'],
    UNSUPPORTED,
  ),
  encodingCase(
    ['TE-017', 'RFC 9112 6.1, DESIGN 6'],
    'a NUL behind chunked is refused',
    ['Transfer-Encoding: chunked\x00'],
    refused(400),
  ),
  encodingCase(
    ['TE-018', 'RFC 9112 5.1'],
    'a space before the colon is refused',
    ['Transfer-Encoding : chunked'],
    refused(400),
  ),
  encodingCase(
    ['TE-019', 'RFC 9112 5.2'],
    'chunked on a folded line is refused',
    ['Transfer-Encoding:', ' chunked'],
    refused(400),
  ),
  encodingCase(
    ['TE-020', 'RFC 9112 6.1, DESIGN 6'],
    'a comma behind chunked is refused',
    ['Transfer-Encoding: chunked,'],
    UNSUPPORTED,
  ),
  encodingCase(
    ['TE-021', 'RFC 9112 6.1, DESIGN 6'],
    'a comma before chunked is refused',
    ['Transfer-Encoding: ,chunked'],
    UNSUPPORTED,
  ),
  encodingCase(
    ['TE-022', 'RFC 9112 6.1, DESIGN 6'],
    'chunked and identity in one field are refused',
    ['Transfer-Encoding: chunked, identity'],
    UNSUPPORTED,
  ),
  {
    id: 'TE-023',
    rule: 'RFC 9112 6.1, DESIGN 6',
    title: 'Transfer-Encoding on HTTP/1.0 is refused',
    send: `${head('POST / HTTP/1.0', 'Host: a.test', 'Transfer-Encoding: chunked')}${CHUNKED_BODY}`,
    expect: refused(400, 'encoding_on_http10'),
  },
  {
    id: 'TE-024',
    rule: 'RFC 9112 6.1',
    title: 'Transfer-Encoding and Content-Length on HTTP/1.0 are refused',
    send: `${head('POST / HTTP/1.0', 'Host: a.test', 'Content-Length: 15', 'Transfer-Encoding: chunked')}${CHUNKED_BODY}`,
    expect: refused(400),
  },
  {
    id: 'TE-025',
    rule: 'RFC 9112 6.3',
    title: 'a chunked body is forwarded whole, and what follows is the next request',
    send: `${head('POST /first HTTP/1.1', 'Host: a.test', 'Transfer-Encoding: chunked')}${CHUNKED_BODY}${head('GET /second HTTP/1.1', 'Host: a.test')}`,
    expect: served({ line: 'POST /first HTTP/1.1', body: 'hello' }, { line: 'GET /second HTTP/1.1', framing: 'none' }),
  },
  {
    id: 'TE-026',
    rule: 'RFC 9112 6.3, PEERS 4.1 (CVE-2026-29057)',
    title: 'the chunked body of a DELETE stays inside its framing',
    send: `${head('DELETE /first HTTP/1.1', 'Host: a.test', 'Transfer-Encoding: chunked')}28\r\n${SMUGGLED}\r\n0\r\n\r\n`,
    expect: served({ line: 'DELETE /first HTTP/1.1', body: SMUGGLED }),
  },
  {
    id: 'TE-027',
    rule: 'RFC 9112 6.3, PEERS 4.1 (CVE-2026-29057)',
    title: 'the chunked body of an OPTIONS stays inside its framing',
    send: `${head('OPTIONS /first HTTP/1.1', 'Host: a.test', 'Transfer-Encoding: chunked')}28\r\n${SMUGGLED}\r\n0\r\n\r\n`,
    expect: served({ line: 'OPTIONS /first HTTP/1.1', body: SMUGGLED }),
  },
  {
    id: 'TE-028',
    rule: 'RFC 9110 9.3.1',
    title: 'the chunked body of a GET stays inside its framing',
    send: `${head('GET /first HTTP/1.1', 'Host: a.test', 'Transfer-Encoding: chunked')}${CHUNKED_BODY}`,
    expect: served({ line: 'GET /first HTTP/1.1', body: 'hello' }),
  },
  encodingCase(
    ['TE-029', 'PEERS 4.1, RFC 9110 7.6.1'],
    'Transfer-Encoding named by Connection frames the body all the same, here and at the backend',
    ['Transfer-Encoding: chunked', 'Connection: transfer-encoding'],
    served({ line: 'POST / HTTP/1.1', body: 'hello' }, { line: 'GET /smuggled HTTP/1.1', has: [/^Via: /] }),
  ),
  {
    id: 'TE-030',
    rule: 'RFC 9112 7',
    title: 'the name of the coding is case-insensitive',
    send: `${head('POST / HTTP/1.1', 'Host: a.test', 'Transfer-Encoding: Chunked')}${CHUNKED_BODY}`,
    expect: served({ line: 'POST / HTTP/1.1', body: 'hello' }),
  },
];
