import { type ConformanceCase, head, type ListenerName, served } from '../case.ts';

const HOST = 'Host: a.test';

interface Row {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly string[];
  readonly has?: readonly (string | RegExp)[];
  readonly lacks?: readonly (string | RegExp)[];
}

function rows(listener: ListenerName, rule: string, list: readonly Row[]): ConformanceCase[] {
  return list.map(({ id, title, lines, has, lacks }) => ({
    id,
    rule,
    title,
    listener,
    send: head('GET / HTTP/1.1', HOST, ...lines),
    expect: served({ line: 'GET / HTTP/1.1', has, lacks }),
  }));
}

const UNTRUSTED = rows('plain', 'RFC 7239 8.1, DESIGN 6, PEERS 4.3', [
  {
    id: 'FW-001',
    title: 'a request without any forwarded field gets the own ones',
    lines: [],
    has: [
      'X-Forwarded-For: 127.0.0.1',
      'X-Forwarded-Proto: http',
      'X-Forwarded-Host: a.test',
      'X-Forwarded-By: rwwwrse',
    ],
  },
  {
    id: 'FW-002',
    title: 'X-Forwarded-For of an untrusted peer is replaced, not extended',
    lines: ['X-Forwarded-For: 1.2.3.4'],
    has: ['X-Forwarded-For: 127.0.0.1'],
    lacks: [/1\.2\.3\.4/],
  },
  {
    id: 'FW-003',
    title: 'all X-Forwarded-For lines of an untrusted peer are replaced',
    lines: ['X-Forwarded-For: 1.2.3.4', 'x-forwarded-for: 5.6.7.8, 127.0.0.1'],
    has: ['X-Forwarded-For: 127.0.0.1'],
    lacks: [/1\.2\.3\.4/, /5\.6\.7\.8/],
  },
  {
    id: 'FW-004',
    title: 'X-Real-IP of an untrusted peer is replaced or dropped',
    lines: ['X-Real-IP: 1.2.3.4'],
    lacks: [/1\.2\.3\.4/],
  },
  {
    id: 'FW-005',
    title: 'Forwarded of an untrusted peer is replaced or dropped',
    lines: ['Forwarded: for=1.2.3.4;proto=https;host=evil.test'],
    lacks: [/1\.2\.3\.4/, /evil/],
  },
  {
    id: 'FW-006',
    title: 'X-Forwarded-Proto of an untrusted peer is replaced',
    lines: ['X-Forwarded-Proto: https'],
    has: ['X-Forwarded-Proto: http'],
    lacks: [/https/],
  },
  {
    id: 'FW-007',
    title: 'X-Forwarded-Host of an untrusted peer is replaced',
    lines: ['X-Forwarded-Host: evil.test'],
    has: ['X-Forwarded-Host: a.test'],
    lacks: [/evil/],
  },
  {
    id: 'FW-008',
    title: 'X-Forwarded-Port of an untrusted peer is replaced or dropped',
    lines: ['X-Forwarded-Port: 6666'],
    lacks: [/6666/],
  },
  {
    id: 'FW-009',
    title: 'X-Forwarded-Prefix of an untrusted peer is dropped',
    lines: ['X-Forwarded-Prefix: //evil.test'],
    lacks: [/evil/],
  },
  {
    id: 'FW-010',
    title: 'X-Forwarded-By of an untrusted peer is replaced',
    lines: ['X-Forwarded-By: evil'],
    has: ['X-Forwarded-By: rwwwrse'],
    lacks: [/evil/],
  },
  {
    id: 'FW-011',
    title: 'any other X-Forwarded field of an untrusted peer is dropped',
    lines: ['X-Forwarded-Server: evil', 'X-Forwarded-Ssl: on', 'X-Forwarded-Scheme: evil'],
    lacks: [/evil/, 'X-Forwarded-Ssl'],
  },
]);

const TRUSTED = rows('trusting', 'RFC 7239 8.1, DESIGN 6, SPEC F', [
  {
    id: 'FW-012',
    title: 'X-Forwarded-For of a trusted peer is extended',
    lines: ['X-Forwarded-For: 1.2.3.4'],
    has: ['X-Forwarded-For: 1.2.3.4, 127.0.0.1'],
  },
  {
    id: 'FW-013',
    title: 'X-Forwarded-For on several lines of a trusted peer keeps its order',
    lines: ['X-Forwarded-For: 1.2.3.4', 'X-Forwarded-For: 5.6.7.8'],
    has: ['X-Forwarded-For: 1.2.3.4, 5.6.7.8, 127.0.0.1'],
  },
  {
    id: 'FW-014',
    title: 'X-Forwarded-Proto and X-Forwarded-Host of a trusted peer are kept',
    lines: ['X-Forwarded-Proto: https', 'X-Forwarded-Host: public.test'],
    has: ['X-Forwarded-Proto: https', 'X-Forwarded-Host: public.test'],
  },
  {
    id: 'FW-015',
    title: 'X-Real-IP is the client that the trusted peers name, not the last peer',
    lines: ['X-Forwarded-For: 1.2.3.4', 'X-Real-IP: 1.2.3.4'],
    has: ['X-Real-IP: 1.2.3.4'],
  },
  {
    id: 'FW-016',
    title: 'Forwarded of a trusted peer is extended',
    lines: ['Forwarded: for=1.2.3.4;proto=https'],
    has: [/^Forwarded: for=1\.2\.3\.4;proto=https, for="?127\.0\.0\.1"?/],
  },
  {
    id: 'FW-017',
    title: 'an X-Forwarded-Proto of a trusted peer that is neither http nor https is not believed',
    lines: ['X-Forwarded-Proto: javascript'],
    has: ['X-Forwarded-Proto: http'],
  },
  {
    id: 'FW-018',
    title: 'an X-Forwarded-Host of a trusted peer that is no host is not believed',
    lines: ['X-Forwarded-Host: user@evil.test/x'],
    has: ['X-Forwarded-Host: a.test'],
    lacks: [/evil/],
  },
  {
    id: 'FW-019',
    title: 'a trusted peer without forwarded fields is itself the client',
    lines: [],
    has: ['X-Forwarded-For: 127.0.0.1', 'X-Forwarded-Proto: http', 'X-Forwarded-Host: a.test'],
  },
]);

const TRUSTED_FAMILY = rows('trusting', 'RFC 7239 8.1, DESIGN 6, PEERS 4.3', [
  {
    id: 'FW-020',
    title: 'X-Forwarded-Prefix and the rest of the family of a trusted peer are kept',
    lines: ['X-Forwarded-Prefix: /app', 'X-Forwarded-User: jane'],
    has: ['X-Forwarded-Prefix: /app', 'X-Forwarded-User: jane'],
  },
  {
    id: 'FW-021',
    title: 'an X-Forwarded-Prefix of a trusted peer that is no path is not believed',
    lines: ['X-Forwarded-Prefix: //evil.test/'],
    lacks: [/evil/],
  },
]);

const IDENTITY = rows('plain', 'RFC 7239 8.1, DESIGN 6, PEERS 4.3', [
  {
    id: 'FW-022',
    title: 'fields that say who somebody is are dropped, in any spelling, when an untrusted peer sends them',
    lines: ['X-Forwarded-User: admin', 'x-FORWARDED-groups: admin', 'X-Forwarded-Client-Cert: Subject=admin'],
    lacks: [/admin/],
  },
]);

/** DESIGN 6 last line, PEERS 4.3: who the client is. */
export const FORWARDED: readonly ConformanceCase[] = [...UNTRUSTED, ...TRUSTED, ...TRUSTED_FAMILY, ...IDENTITY];
