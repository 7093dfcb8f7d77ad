import { type ConformanceCase, type Expectation, head, refused, served } from '../case.ts';

const INVALID = refused(400, 'host_invalid');

function hostCase(
  [id, rule]: readonly [id: string, rule: string],
  title: string,
  value: string,
  expect: Expectation = INVALID,
): ConformanceCase {
  return { id, rule, title, send: head('GET / HTTP/1.1', `Host: ${value}`), expect };
}

/** RFC 9112 3.2 and RFC 9110 7.2: the Host field. */
export const HOST: readonly ConformanceCase[] = [
  {
    id: 'HO-001',
    rule: 'RFC 9112 3.2',
    title: 'a 1.1 request without Host is refused',
    send: head('GET / HTTP/1.1', 'Accept: */*'),
    expect: refused(400, 'host_missing'),
  },
  {
    id: 'HO-002',
    rule: 'RFC 9112 3.2',
    title: 'two different Host fields are refused',
    send: head('GET / HTTP/1.1', 'Host: a.test', 'Host: b.test'),
    expect: refused(400, 'host_repeated'),
  },
  {
    id: 'HO-003',
    rule: 'RFC 9112 3.2',
    title: 'two equal Host fields are refused',
    send: head('GET / HTTP/1.1', 'Host: a.test', 'hOST: a.test'),
    expect: refused(400, 'host_repeated'),
  },
  hostCase(['HO-004', 'RFC 9112 3.2, PEERS 4'], 'an empty Host is refused', ''),
  hostCase(['HO-005', 'RFC 9110 7.2'], 'a Host with userinfo is refused', 'user@a.test'),
  hostCase(['HO-006', 'RFC 9110 7.2'], 'a Host with a path is refused', 'a.test/x'),
  hostCase(['HO-007', 'RFC 9110 7.2'], 'a list in Host is refused', 'a.test, b.test'),
  hostCase(['HO-008', 'RFC 9110 7.2'], 'a Host with a space is refused', 'a.test b.test'),
  hostCase(['HO-009', 'RFC 9110 7.2'], 'a Host with a query is refused', 'a.test?x'),
  hostCase(['HO-010', 'RFC 9110 7.2'], 'a Host with a fragment is refused', 'a.test#x'),
  hostCase(['HO-011', 'RFC 9110 7.2'], 'a Host with a backslash is refused', 'a.test\\x'),
  hostCase(['HO-012', 'RFC 9110 7.2'], 'a port that is no number is refused', 'a.test:http'),
  hostCase(['HO-013', 'RFC 9110 7.2'], 'a port beyond 65535 is refused', 'a.test:65536'),
  hostCase(['HO-014', 'RFC 9110 7.2'], 'a negative port is refused', 'a.test:-1'),
  hostCase(['HO-015', 'RFC 9110 7.2'], 'two ports are refused', 'a.test:80:81'),
  hostCase(['HO-016', 'RFC 3986 3.2.2'], 'an IPv6 address without brackets is refused', '::1'),
  hostCase(['HO-017', 'RFC 3986 3.2.2'], 'an unclosed bracket is refused', '[::1'),
  hostCase(['HO-018', 'RFC 3986 3.2.2'], 'brackets around something that is no IPv6 address are refused', '[a.test]'),
  hostCase(['HO-019', 'RFC 3986 3.2.2'], 'text behind the bracket is refused', '[::1]a.test'),
  hostCase(['HO-020', 'RFC 9110 7.2'], 'a URI as Host is refused', 'http://a.test'),
  hostCase(['HO-021', 'RFC 3986 3.2.2'], 'a Host with bytes beyond ASCII is refused', 'caf\xc3\xa9.test'),
  hostCase(['HO-022', 'RFC 9110 7.2'], 'a port without a host is refused', ':80'),
  hostCase(['HO-023', 'RFC 9110 5.5'], 'a NUL in Host is refused', 'a.test\x00.evil.test', refused(400)),
  hostCase(
    ['HO-024', 'RFC 9110 7.2'],
    'a bracketed IPv6 address with a port is forwarded as it is',
    '[2001:db8::1]:8080',
    served({ line: 'GET / HTTP/1.1', has: ['Host: [2001:db8::1]:8080', 'X-Forwarded-Host: [2001:db8::1]:8080'] }),
  ),
  hostCase(
    ['HO-025', 'RFC 9110 7.2'],
    'a host with a port is forwarded as it is',
    'a.test:8080',
    served({ line: 'GET / HTTP/1.1', has: ['Host: a.test:8080'] }),
  ),
  hostCase(
    ['HO-026', 'RFC 9110 5.5'],
    'white space around the Host is trimmed',
    '  a.test\t ',
    served({ line: 'GET / HTTP/1.1', has: ['Host: a.test'] }),
  ),
  {
    id: 'HO-027',
    rule: 'RFC 9112 3.2',
    title: 'an HTTP/1.0 request without Host is forwarded with exactly one',
    send: head('GET / HTTP/1.0', 'Accept: */*'),
    expect: { answers: [200], then: 'closed', forwarded: [{ line: 'GET / HTTP/1.1', has: [/^Host: [!-~]+$/] }] },
  },
  {
    id: 'HO-028',
    rule: 'RFC 9112 3.2',
    title: 'two Host fields are refused on HTTP/1.0 too',
    send: head('GET / HTTP/1.0', 'Host: a.test', 'Host: b.test'),
    expect: refused(400, 'host_repeated'),
  },
  {
    id: 'HO-029',
    rule: 'RFC 9112 5.2',
    title: 'a folded Host is refused',
    send: head('GET / HTTP/1.1', 'Host:', ' a.test'),
    expect: refused(400),
  },
  {
    id: 'HO-030',
    rule: 'RFC 9112 3.2',
    title: 'Host may stand behind other fields',
    send: head('GET / HTTP/1.1', 'Accept: */*', 'host: a.test'),
    expect: served({ line: 'GET / HTTP/1.1', has: [/^host: a\.test$/i, 'Accept: */*'] }),
  },
];
