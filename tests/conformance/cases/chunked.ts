import { bytesOf, type ConformanceCase, type Expectation, head, served } from '../case.ts';

const START = head('POST / HTTP/1.1', 'Host: a.test', 'Transfer-Encoding: chunked');
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n';

/** The head may be on its way to the backend before the bad byte is seen; a complete request may never arrive there. */
const BROKEN: Expectation = {
  answers: [{ status: 400, code: 'chunk_invalid' }],
  then: 'closed',
  forwarded: 'nothing-whole',
};

function broken(id: string, title: string, body: string, rule = 'RFC 9112 7.1'): ConformanceCase {
  return { id, rule, title, send: `${START}${body}`, expect: BROKEN };
}

function whole(id: string, title: string, body: string, rule = 'RFC 9112 7.1'): ConformanceCase {
  return { id, rule, title, send: `${START}${body}`, expect: served({ line: 'POST / HTTP/1.1', body: 'hello' }) };
}

/** RFC 9112 7.1: the chunked coding of requests. */
export const CHUNKED: readonly ConformanceCase[] = [
  broken('CH-001', 'a size with 0x is refused', `0x5\r\nhello\r\n0\r\n\r\n`),
  broken('CH-002', 'a size with a plus sign is refused', `+5\r\nhello\r\n0\r\n\r\n`),
  broken('CH-003', 'a size with a minus sign is refused', `-5\r\nhello\r\n0\r\n\r\n`),
  broken('CH-004', 'a space before the size is refused', ` 5\r\nhello\r\n0\r\n\r\n`),
  broken('CH-005', 'a space behind the size is refused', `5 \r\nhello\r\n0\r\n\r\n`),
  broken('CH-006', 'a tab behind the size is refused', `5\t\r\nhello\r\n0\r\n\r\n`),
  broken('CH-007', 'an empty size is refused', `\r\nhello\r\n0\r\n\r\n`),
  broken('CH-008', 'an empty size with an extension is refused', `;a=b\r\nhello\r\n0\r\n\r\n`),
  broken('CH-009', 'a size that is not hexadecimal is refused', `g\r\nhello\r\n0\r\n\r\n`),
  broken('CH-010', 'a size with an underscore is refused', `1_0\r\nhello\r\n0\r\n\r\n`),
  broken('CH-011', 'a size of 64 bits and more is refused, not wrapped', `10000000000000005\r\nhello\r\n0\r\n\r\n`),
  broken('CH-012', 'a size of 2^64 - 1 is refused', `ffffffffffffffff\r\nhello\r\n0\r\n\r\n`),
  broken('CH-013', 'a size beyond 2^53 is refused, not rounded', `20000000000001\r\nhello\r\n0\r\n\r\n`),
  broken('CH-014', 'a size line that ends with a bare LF is refused', `5\nhello\r\n0\r\n\r\n`),
  broken('CH-015', 'a size line that ends with a bare CR is refused', `5\rhello\r\n0\r\n\r\n`),
  broken('CH-016', 'chunk data that ends with a bare LF is refused', `5\r\nhello\n0\r\n\r\n`),
  broken('CH-017', 'chunk data that is longer than its size is refused', `5\r\nhello!\r\n0\r\n\r\n`),
  broken('CH-018', 'chunk data that is shorter than its size is refused', `5\r\nhell\r\n0\r\n\r\n`),
  broken('CH-019', 'chunk data without a line end is refused', `5\r\nhello0\r\n\r\n`),
  broken('CH-020', 'a last chunk that ends with a bare LF is refused', `5\r\nhello\r\n0\n\r\n`),
  {
    id: 'CH-021',
    rule: 'RFC 9112 7.1',
    title: 'an end that is a bare LF is refused',
    send: `${START}5\r\nhello\r\n0\r\n\n`,
    expect: { answers: [400], then: 'closed', forwarded: 'nothing-whole' },
  },
  broken('CH-022', 'a bare LF in an extension is refused (TERM.EXT)', `5;a\nhello\r\n0\r\n\r\n`, 'RFC 9112 7.1.1'),
  broken('CH-023', 'a bare CR in an extension is refused', `5;a\rb\r\nhello\r\n0\r\n\r\n`, 'RFC 9112 7.1.1'),
  broken('CH-024', 'a NUL in an extension is refused', `5;a=\x00\r\nhello\r\n0\r\n\r\n`, 'RFC 9112 7.1.1'),
  broken(
    'CH-025',
    'an over-long extension is refused',
    `5;${'a'.repeat(4_000)}\r\nhello\r\n0\r\n\r\n`,
    'RFC 9112 7.1.1, DESIGN 6',
  ),
  broken(
    'CH-026',
    'extensions are bounded over the whole body',
    `${`1;${'a'.repeat(100)}\r\nx\r\n`.repeat(2_000)}0\r\n\r\n`,
    'RFC 9112 7.1.1, DESIGN 6',
  ),
  broken('CH-027', 'a bad size in the second chunk is refused', `5\r\nhello\r\nzz\r\n`),
  broken('CH-028', 'an endless row of zeros as a size is refused', `${'0'.repeat(5_000)}5\r\nhello\r\n0\r\n\r\n`),
  whole('CH-029', 'a chunked body is forwarded whole', `5\r\nhello\r\n0\r\n\r\n`),
  whole('CH-030', 'a few leading zeros are allowed', `005\r\nhello\r\n000\r\n\r\n`),
  whole(
    'CH-031',
    'a chunk extension is ignored and not forwarded',
    `5;a=b;c="d e"\r\nhello\r\n0;z\r\n\r\n`,
    'RFC 9112 7.1.1',
  ),
  whole('CH-032', 'a body in one-byte chunks is the same body', `1\r\nh\r\n1\r\ne\r\n2\r\nll\r\n1\r\no\r\n0\r\n\r\n`),
  {
    id: 'CH-033',
    rule: 'RFC 9112 7.1',
    title: 'a chunked body that arrives byte by byte is the same body',
    send: [START, ...bytesOf('5\r\nhello\r\n0\r\n\r\n')],
    expect: served({ line: 'POST / HTTP/1.1', body: 'hello' }),
  },
  {
    id: 'CH-034',
    rule: 'RFC 9112 7.1',
    title: 'an empty chunked body is a body',
    send: `${START}0\r\n\r\n`,
    expect: served({ line: 'POST / HTTP/1.1', body: '' }),
  },
  {
    id: 'CH-035',
    rule: 'RFC 9112 7.1',
    title: 'chunk data is opaque: what looks like a request in it is data',
    send: `${START}28\r\n${SMUGGLED}\r\n0\r\n\r\n`,
    expect: served({ line: 'POST / HTTP/1.1', body: SMUGGLED }),
  },
  {
    id: 'CH-036',
    rule: 'RFC 9112 7.1',
    title: 'chunk data is opaque: line ends and a last chunk in it are data',
    send: `${START}C\r\nab\r\n0\r\n\r\n\r\n\x00\r\n0\r\n\r\n`,
    expect: served({ line: 'POST / HTTP/1.1', body: 'ab\r\n0\r\n\r\n\r\n\x00' }),
  },
  {
    id: 'CH-037',
    rule: 'RFC 9112 7.1',
    title: 'a bad chunk after the head was forwarded breaks off the request to the backend',
    send: [START, '5\r\nhello\r\n', { kind: 'until-forwarded', text: 'hello' }, 'nonsense\r\n'],
    expect: BROKEN,
  },
];
