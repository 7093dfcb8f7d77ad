import { type ConformanceCase, type Expectation, head, served } from '../case.ts';

const START = head('POST / HTTP/1.1', 'Host: a.test', 'Transfer-Encoding: chunked');
const DATA = '5\r\nhello\r\n0\r\n';

function refusedTrailer(
  id: string,
  title: string,
  trailers: string,
  rule = 'RFC 9110 6.5.1, DESIGN 6',
): ConformanceCase {
  const expect: Expectation = {
    answers: [{ status: 400, code: 'trailer_invalid' }],
    then: 'closed',
    forwarded: 'nothing-whole',
  };
  return { id, rule, title, send: `${START}${DATA}${trailers}\r\n\r\n`, expect };
}

/** RFC 9110 6.5 and RFC 9112 7.1.2: the trailer section of requests. */
export const REQUEST_TRAILERS: readonly ConformanceCase[] = [
  refusedTrailer('RT-001', 'Content-Length as a trailer is refused (framing)', 'Content-Length: 5'),
  refusedTrailer('RT-002', 'Transfer-Encoding as a trailer is refused (framing)', 'Transfer-Encoding: chunked'),
  refusedTrailer('RT-003', 'Host as a trailer is refused (routing)', 'Host: b.test'),
  refusedTrailer('RT-004', 'Authorization as a trailer is refused (authentication)', 'Authorization: Basic eDp5'),
  refusedTrailer('RT-005', 'Cache-Control as a trailer is refused (caching)', 'cache-control: no-store'),
  refusedTrailer('RT-006', 'X-Forwarded-For as a trailer is refused (routing)', 'X-Forwarded-For: 1.2.3.4'),
  refusedTrailer('RT-007', 'Connection as a trailer is refused (hop-by-hop)', 'Connection: close'),
  refusedTrailer('RT-008', 'Cookie as a trailer is refused (authentication)', 'Cookie: session=1'),
  refusedTrailer('RT-009', 'a folded trailer is refused', 'X-A: b\r\n c', 'RFC 9112 5.2'),
  refusedTrailer('RT-010', 'a space before the colon of a trailer is refused', 'X-A : b', 'RFC 9112 5.1'),
  refusedTrailer('RT-011', 'a trailer without a colon is refused', 'X-A', 'RFC 9112 5'),
  refusedTrailer('RT-012', 'a NUL in a trailer is refused', 'X-A: \x00', 'RFC 9112 2.2, DESIGN 6'),
  {
    id: 'RT-013',
    rule: 'RFC 9112 7.1.2, PEERS 3 row 25',
    title: 'a trailer is never merged into the header section, nor forwarded unless it is allowed',
    send: `${START}${DATA}X-Checksum: abc\r\n\r\n`,
    expect: served({ line: 'POST / HTTP/1.1', body: 'hello', lacks: ['X-Checksum'], trailers: [] }),
  },
  {
    id: 'RT-014',
    rule: 'RFC 6585 5, DESIGN 6',
    title: 'a trailer section without end is refused',
    send: `${START}${DATA}${'X-A: b\r\n'.repeat(20_000)}\r\n`,
    expect: { answers: [{ status: [400, 431] }], then: 'closed', forwarded: 'nothing-whole' },
  },
  {
    id: 'RT-015',
    rule: 'RFC 9112 2.2, DESIGN 6',
    title: 'a trailer that ends with a bare LF is refused',
    send: `${START}${DATA}X-A: b\n\r\n`,
    expect: { answers: [{ status: 400 }], then: 'closed', forwarded: 'nothing-whole' },
  },
];
