import type { RoutingCase } from './case.ts';

/** Redirects, rewrites and header changes of the Gateway API's HTTPRoute filters, re-stated. */
export const ACTION_CASES: readonly RoutingCase[] = [
  {
    id: 'redirect-host',
    rule: 'a redirect to another host keeps path and query, 302 unless told otherwise',
    routes: { one: { redirect: { host: 'example.org' } } },
    requests: [
      { target: '/x/y?q=1', status: 302, location: 'http://example.org/x/y?q=1' },
      { method: 'POST', target: '/', status: 302, location: 'http://example.org/' },
    ],
  },
  ...([301, 303, 307, 308] as const).map((status): RoutingCase => ({
    id: `redirect-${status}`,
    rule: `a redirect has the status ${status} that its route names`,
    routes: { one: { redirect: { status, host: 'example.org' } } },
    requests: [{ target: '/', status, location: 'http://example.org/' }],
  })),
  {
    id: 'redirect-scheme',
    rule: 'a redirect to another scheme has the port of that scheme',
    routes: { one: { redirect: { scheme: 'https', status: 301 } } },
    requests: [
      { target: '/a?b', status: 301, location: 'https://redirect-scheme.test/a?b' },
      { host: 'redirect-scheme.test:8080', target: '/', status: 301, location: 'https://redirect-scheme.test/' },
    ],
  },
  {
    id: 'redirect-port',
    rule: 'a redirect names the port of its route, unless it is the one of the scheme',
    routes: {
      odd: { path: '/odd', redirect: { port: 8083 } },
      plain: { path: '/plain', redirect: { port: 80 } },
      secure: { path: '/secure', redirect: { scheme: 'https', port: 443 } },
      other: { path: '/other', redirect: { scheme: 'https', port: 8443 } },
    },
    requests: [
      { target: '/odd', status: 302, location: 'http://redirect-port.test:8083/odd' },
      { target: '/plain', status: 302, location: 'http://redirect-port.test/plain' },
      { target: '/secure', status: 302, location: 'https://redirect-port.test/secure' },
      { target: '/other', status: 302, location: 'https://redirect-port.test:8443/other' },
    ],
  },
  {
    id: 'redirect-same-port',
    rule: 'a redirect that changes the path alone keeps the port of the request',
    routes: { one: { redirect: { path: '/new' } } },
    requests: [
      {
        host: 'redirect-same-port.test:8080',
        target: '/',
        status: 302,
        location: 'http://redirect-same-port.test:8080/new',
      },
    ],
  },
  {
    id: 'redirect-path',
    rule: 'a redirect replaces the whole path, or the prefix of its route',
    routes: {
      full: { path: '/full', redirect: { path: '/full-path-replacement' } },
      prefix: { path: '/original-prefix', redirect: { prefix: '/replacement-prefix' } },
      none: { path: '/gone', redirect: { prefix: '/' } },
    },
    requests: [
      {
        target: '/full/path/original?x=1',
        status: 302,
        location: 'http://redirect-path.test/full-path-replacement?x=1',
      },
      { target: '/original-prefix/lemon', status: 302, location: 'http://redirect-path.test/replacement-prefix/lemon' },
      { target: '/original-prefix', status: 302, location: 'http://redirect-path.test/replacement-prefix' },
      { target: '/original-prefix/', status: 302, location: 'http://redirect-path.test/replacement-prefix/' },
      { target: '/gone/lemon', status: 302, location: 'http://redirect-path.test/lemon' },
      { target: '/gone', status: 302, location: 'http://redirect-path.test/' },
    ],
  },
  {
    id: 'rewrite-host',
    rule: 'a rewritten host is what the backend gets, and the client sees nothing of it',
    routes: { one: { rewrite: { host: 'one.example.org' }, target: 'a' } },
    requests: [
      {
        target: '/one',
        backend: 'a',
        received: { host: 'one.example.org', target: '/one', headers: { 'x-forwarded-host': 'rewrite-host.test' } },
      },
    ],
  },
  {
    id: 'rewrite-full',
    rule: 'a rewritten path replaces the whole path and keeps the query',
    routes: { one: { path: '/full', rewrite: { path: '/one' }, target: 'a' } },
    requests: [
      { target: '/full/abc?q=%20', backend: 'a', received: { target: '/one?q=%20' } },
      { target: '/full', backend: 'a', received: { target: '/one' } },
    ],
  },
  {
    id: 'rewrite-prefix',
    rule: 'a rewritten prefix replaces the segments that the route took',
    routes: {
      one: { path: '/prefix/one', rewrite: { prefix: '/one' }, target: 'a' },
      strip: { path: '/strip-prefix', rewrite: { prefix: '/' }, target: 'a' },
    },
    requests: [
      { target: '/prefix/one/two', backend: 'a', received: { target: '/one/two' } },
      { target: '/prefix/one', backend: 'a', received: { target: '/one' } },
      { target: '/prefix/one/', backend: 'a', received: { target: '/one/' } },
      { target: '/strip-prefix/three', backend: 'a', received: { target: '/three' } },
      { target: '/strip-prefix', backend: 'a', received: { target: '/' } },
    ],
  },
  {
    id: 'strip-path',
    rule: 'strip_path takes the path of the route off, the base path of the backend goes before the rest',
    routes: {
      strip: { path: '/api', strip_path: true, target: 'a' },
      base: { path: '/based', strip_path: true, target: 'a/base' },
    },
    requests: [
      { target: '/api/users?id=1', backend: 'a', received: { target: '/users?id=1' } },
      { target: '/api', backend: 'a', received: { target: '/' } },
      { target: '/api?x', backend: 'a', received: { target: '/?x' } },
      { target: '/%61pi/users', backend: 'a', received: { target: '/users' } },
      { target: '/based/x', backend: 'a', received: { target: '/base/x' } },
      { target: '/based', backend: 'a', received: { target: '/base/' } },
    ],
  },
  {
    id: 'preserve-host',
    rule: "the backend gets the client's host, or its own where the route says so",
    routes: { kept: { path: '/kept', target: 'a' }, own: { path: '/own', preserve_host: false, target: 'a' } },
    requests: [
      { target: '/kept', backend: 'a', received: { host: 'preserve-host.test' } },
      { target: '/own', backend: 'a', received: { headers: { 'x-forwarded-host': 'preserve-host.test' } } },
    ],
  },
  {
    id: 'request-set',
    rule: 'a set request field replaces all of its name, or is added',
    routes: { one: { request_headers: { set: { 'X-Header-Set': 'set-overwrites-values' } }, target: 'a' } },
    requests: [
      { target: '/', backend: 'a', received: { headers: { 'x-header-set': 'set-overwrites-values' } } },
      {
        target: '/',
        headers: { 'x-header-set': 'original', 'X-Other': 'kept' },
        backend: 'a',
        received: { headers: { 'x-header-set': 'set-overwrites-values', 'x-other': 'kept' } },
      },
    ],
  },
  {
    id: 'request-add',
    rule: 'an added request field stands beside those of its name',
    routes: { one: { request_headers: { add: { 'X-Header-Add': 'add-appends-values' } }, target: 'a' } },
    requests: [
      { target: '/', backend: 'a', received: { headers: { 'x-header-add': 'add-appends-values' } } },
      {
        target: '/',
        headers: { 'X-Header-Add': 'original' },
        backend: 'a',
        received: { headers: { 'x-header-add': 'original, add-appends-values' } },
      },
    ],
  },
  {
    id: 'request-remove',
    rule: 'a removed request field does not reach the backend, in whatever case it is written',
    routes: { one: { request_headers: { remove: ['X-Header-Remove', 'user-agent'] }, target: 'a' } },
    requests: [
      {
        target: '/',
        headers: { 'x-HEADER-remove': 'gone', 'User-Agent': 'me', 'X-Other': 'kept' },
        backend: 'a',
        received: { headers: { 'x-header-remove': null, 'user-agent': null, 'x-other': 'kept' } },
      },
    ],
  },
  {
    id: 'response-change',
    rule: 'fields of the answer are set, added and removed',
    routes: {
      one: {
        response_headers: { set: { 'X-Set': 'new' }, add: { 'X-Backend-Name': 'more' }, remove: ['X-Secret'] },
        target: 'a',
      },
    },
    requests: [
      { target: '/', backend: 'a', answer: { 'x-set': 'new', 'x-backend-name': 'a, more', 'x-secret': null } },
    ],
  },
  {
    id: 'conditional-fields',
    rule: 'header conditions look at the request as it came, before its fields are changed',
    routes: {
      one: { headers: { 'x-env': 'canary' }, request_headers: { remove: ['x-env'] }, target: 'b' },
      two: { target: 'a' },
    },
    requests: [
      { target: '/', headers: { 'x-env': 'canary' }, backend: 'b', received: { headers: { 'x-env': null } } },
      { target: '/', backend: 'a' },
    ],
  },
  {
    id: 'timeout-request',
    rule: 'request_timeout ends a request that takes longer with 504',
    routes: { slow: { request_timeout: '300ms', target: 'a' } },
    requests: [
      { target: '/?delay=5000', status: 504 },
      { target: '/', backend: 'a' },
    ],
  },
  {
    id: 'timeout-backend',
    rule: "timeout ends the wait for a backend's answer with 504",
    routes: { slow: { timeout: '300ms', target: 'a' } },
    requests: [
      { target: '/?delay=5000', status: 504 },
      { target: '/', backend: 'a' },
    ],
  },
];
