import { type ConformanceCase, type ExpectedForward, head, refused, served } from '../case.ts';

const HOST = 'Host: a.test';

/** The one request that must reach the backend: this line, with this Host. */
function to(line: string, host: string): ExpectedForward {
  return { line, has: [`Host: ${host}`] };
}

/** RFC 9112 3.2: the request target. */
export const TARGET: readonly ConformanceCase[] = [
  {
    id: 'TG-001',
    rule: 'RFC 9112 3.2.2',
    title: 'an absolute target is forwarded in origin form',
    send: head('GET http://a.test/x?y HTTP/1.1', HOST),
    expect: served(to('GET /x?y HTTP/1.1', 'a.test')),
  },
  {
    id: 'TG-002',
    rule: 'RFC 9112 3.2.2, DESIGN 6',
    title: 'an absolute target whose authority is not the Host is refused',
    send: head('GET http://evil.test/ HTTP/1.1', HOST),
    expect: refused(400, 'authority_mismatch'),
  },
  {
    id: 'TG-003',
    rule: 'RFC 9112 3.2.2, DESIGN 6',
    title: 'an absolute target with another port than the Host is refused',
    send: head('GET http://a.test:8080/ HTTP/1.1', 'Host: a.test:8081'),
    expect: refused(400, 'authority_mismatch'),
  },
  {
    id: 'TG-004',
    rule: 'RFC 9110 4.2.3',
    title: 'hosts are compared without regard to case',
    send: head('GET HTTP://A.Test/ HTTP/1.1', HOST),
    expect: served({ line: 'GET / HTTP/1.1', has: [/^Host: a\.test$/i] }),
  },
  {
    id: 'TG-005',
    rule: 'RFC 9112 3.2.1',
    title: 'an absolute target without a path is forwarded as /',
    send: head('GET http://a.test HTTP/1.1', HOST),
    expect: served(to('GET / HTTP/1.1', 'a.test')),
  },
  {
    id: 'TG-006',
    rule: 'RFC 9112 3.2.1',
    title: 'an absolute target with a query but no path gets a /',
    send: head('GET http://a.test?q=1 HTTP/1.1', HOST),
    expect: served(to('GET /?q=1 HTTP/1.1', 'a.test')),
  },
  {
    id: 'TG-007',
    rule: 'RFC 9112 3.2',
    title: 'an absolute target does not stand in for a missing Host on 1.1',
    send: head('GET http://a.test/ HTTP/1.1', 'Accept: */*'),
    expect: refused(400, 'host_missing'),
  },
  {
    id: 'TG-008',
    rule: 'RFC 9112 3.2.2',
    title: 'an absolute target of HTTP/1.0 without Host names the host',
    send: head('GET http://a.test/old HTTP/1.0', 'Accept: */*'),
    expect: { answers: [200], then: 'closed', forwarded: [to('GET /old HTTP/1.1', 'a.test')] },
  },
  {
    id: 'TG-009',
    rule: 'RFC 9110 4.2.4',
    title: 'an absolute target with userinfo is refused',
    send: head('GET http://user:pw@a.test/ HTTP/1.1', HOST),
    expect: refused(400),
  },
  {
    id: 'TG-010',
    rule: 'RFC 9110 4.2',
    title: 'an absolute target with a scheme other than http(s) is refused',
    send: head('GET ftp://a.test/ HTTP/1.1', HOST),
    expect: refused(400),
  },
  {
    id: 'TG-011',
    rule: 'RFC 9110 4.2.1',
    title: 'an absolute target with an empty host is refused',
    send: head('GET http:///x HTTP/1.1', HOST),
    expect: refused(400),
  },
  {
    id: 'TG-012',
    rule: 'RFC 9112 3.2',
    title: 'a target that is neither path nor URI is refused',
    send: head('GET foo HTTP/1.1', HOST),
    expect: refused(400, 'request_target_invalid'),
  },
  {
    id: 'TG-013',
    rule: 'RFC 9112 3.2.3',
    title: 'the authority form is for CONNECT only',
    send: head('GET a.test:80 HTTP/1.1', HOST),
    expect: refused(400),
  },
  {
    id: 'TG-014',
    rule: 'RFC 9112 3.2.4',
    title: 'the asterisk form is for OPTIONS only',
    send: head('GET * HTTP/1.1', HOST),
    expect: refused(400),
  },
  {
    id: 'TG-015',
    rule: 'RFC 9112 3.2.4',
    title: 'OPTIONS * is forwarded as OPTIONS *',
    send: head('OPTIONS * HTTP/1.1', HOST),
    expect: served(to('OPTIONS * HTTP/1.1', 'a.test')),
  },
  {
    id: 'TG-016',
    rule: 'RFC 9112 3.2.4',
    title: 'OPTIONS with an absolute target without path and query is forwarded as OPTIONS *',
    send: head('OPTIONS http://a.test HTTP/1.1', HOST),
    expect: served(to('OPTIONS * HTTP/1.1', 'a.test')),
  },
  {
    id: 'TG-017',
    rule: 'RFC 9112 3.2',
    title: 'a fragment in the target is refused',
    send: head('GET /x#y HTTP/1.1', HOST),
    expect: refused(400, 'request_target_invalid'),
  },
  {
    id: 'TG-018',
    rule: 'RFC 9112 3',
    title: 'a space in the target is refused',
    send: head('GET /a b HTTP/1.1', HOST),
    expect: refused(400),
  },
  {
    id: 'TG-019',
    rule: 'RFC 3986 2',
    title: 'a raw byte beyond ASCII in the target is refused',
    send: head('GET /caf\xc3\xa9 HTTP/1.1', HOST),
    expect: refused(400, 'request_target_invalid'),
  },
  {
    id: 'TG-020',
    rule: 'RFC 3986 2, DESIGN 6',
    title: 'a control byte in the target is refused',
    send: head('GET /a\x1fb HTTP/1.1', HOST),
    expect: refused(400),
  },
  {
    id: 'TG-021',
    rule: 'RFC 3986 2, DESIGN 6',
    title: 'DEL in the target is refused',
    send: head('GET /a\x7fb HTTP/1.1', HOST),
    expect: refused(400),
  },
  {
    id: 'TG-022',
    rule: 'RFC 9112 3.2.1, PEERS 4.23',
    title: 'dot segments, double slashes and encoded slashes reach the backend byte for byte',
    send: head('GET /a/../b//c/%2e%2e/d%2Fe;p=1 HTTP/1.1', HOST),
    expect: served('GET /a/../b//c/%2e%2e/d%2Fe;p=1 HTTP/1.1'),
  },
  {
    id: 'TG-023',
    rule: 'RFC 9112 3.2.1',
    title: 'a path that looks like an authority is a path',
    send: head('GET //evil.test/x HTTP/1.1', HOST),
    expect: served(to('GET //evil.test/x HTTP/1.1', 'a.test')),
  },
  {
    id: 'TG-024',
    rule: 'RFC 9112 3.2.1',
    title: 'a URI in the query is not an absolute target',
    send: head('GET /?u=http://evil.test/ HTTP/1.1', HOST),
    expect: served(to('GET /?u=http://evil.test/ HTTP/1.1', 'a.test')),
  },
  {
    id: 'TG-025',
    rule: 'RFC 9112 3',
    title: 'an empty target is refused',
    send: head('GET  HTTP/1.1', HOST),
    expect: refused(400),
  },
  {
    id: 'TG-026',
    rule: 'RFC 9112 3.2.1, PEERS 4.23',
    title: 'a backslash in the path reaches the backend as it was matched',
    send: head('GET /a\\..\\b HTTP/1.1', HOST),
    expect: served('GET /a\\..\\b HTTP/1.1'),
  },
];
