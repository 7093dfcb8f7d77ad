import type { RoutingCase } from './case.ts';

/** Host, path, method and header rules of the Gateway API's HTTPRoute, re-stated (its specification, HTTPRouteMatch and precedence). */
export const MATCH_CASES: readonly RoutingCase[] = [
  {
    id: 'host-exact',
    rule: 'a host takes its own requests alone',
    routes: { one: { host: 'one.host-exact.test', target: 'a' }, two: { host: 'two.host-exact.test', target: 'b' } },
    requests: [
      { host: 'one.host-exact.test', target: '/', backend: 'a' },
      { host: 'two.host-exact.test', target: '/', backend: 'b' },
      { host: 'three.host-exact.test', target: '/', status: 404 },
    ],
  },
  {
    id: 'host-case',
    rule: 'hosts are compared without case, port and trailing dot',
    routes: { one: { host: 'Host-Case.test', target: 'a' } },
    requests: [
      { host: 'HOST-case.TEST', target: '/', backend: 'a' },
      { host: 'host-case.test:8443', target: '/', backend: 'a' },
      { host: 'host-case.test.', target: '/', backend: 'a' },
    ],
  },
  {
    id: 'host-wildcard',
    rule: 'a wildcard takes names of any depth below it, not the name itself',
    routes: { wild: { host: '*.host-wildcard.test', target: 'a' } },
    requests: [
      { host: 'x.host-wildcard.test', target: '/', backend: 'a' },
      { host: 'x.y.host-wildcard.test', target: '/', backend: 'a' },
      { host: 'host-wildcard.test', target: '/', status: 404 },
      { host: 'xhost-wildcard.test', target: '/', status: 404 },
    ],
  },
  {
    id: 'host-precedence',
    rule: 'an exact host goes before a wildcard, a longer wildcard before a shorter one',
    routes: {
      wide: { host: '*.host-precedence.test', target: 'a' },
      narrow: { host: '*.in.host-precedence.test', target: 'b' },
      exact: { host: 'x.in.host-precedence.test', target: 'c' },
    },
    requests: [
      { host: 'x.in.host-precedence.test', target: '/', backend: 'c' },
      { host: 'y.in.host-precedence.test', target: '/', backend: 'b' },
      { host: 'y.host-precedence.test', target: '/', backend: 'a' },
    ],
  },
  {
    id: 'host-fallthrough',
    rule: 'what no route of the more specific host takes goes to the wider one',
    routes: {
      wide: { host: '*.host-fallthrough.test', target: 'a' },
      exact: { host: 'x.host-fallthrough.test', path: '/only', target: 'b' },
    },
    requests: [
      { host: 'x.host-fallthrough.test', target: '/only', backend: 'b' },
      { host: 'x.host-fallthrough.test', target: '/other', backend: 'a' },
    ],
  },
  {
    id: 'path-prefix',
    rule: 'a path prefix is matched by whole segments',
    routes: { v2: { path: '/v2', target: 'a' } },
    requests: [
      { target: '/v2', backend: 'a' },
      { target: '/v2/', backend: 'a' },
      { target: '/v2/x', backend: 'a' },
      { target: '/v2?x', backend: 'a' },
      { target: '/v2example', status: 404 },
      { target: '/x/v2', status: 404 },
      { target: '/', status: 404 },
    ],
  },
  {
    id: 'path-slash',
    rule: 'the trailing slash of a configured prefix says nothing',
    routes: { v2: { path: '/v2/', target: 'a' } },
    requests: [
      { target: '/v2', backend: 'a' },
      { target: '/v2/x', backend: 'a' },
      { target: '/v2x', status: 404 },
    ],
  },
  {
    id: 'path-exact',
    rule: 'an exact path takes itself alone',
    routes: { one: { exact_path: '/one', target: 'a' } },
    requests: [
      { target: '/one', backend: 'a' },
      { target: '/one?q=1', backend: 'a' },
      { target: '/one/', status: 404 },
      { target: '/one/two', status: 404 },
    ],
  },
  {
    id: 'path-exact-first',
    rule: 'an exact path goes before a prefix of the same and of greater length',
    routes: { prefix: { path: '/match', target: 'a' }, exact: { exact_path: '/match', target: 'b' } },
    requests: [
      { target: '/match', backend: 'b' },
      { target: '/match/', backend: 'a' },
      { target: '/match/x', backend: 'a' },
    ],
  },
  {
    id: 'path-longest',
    rule: 'the longest prefix goes first, in whatever order routes are written',
    routes: {
      short: { path: '/match', target: 'a' },
      longest: { path: '/match/prefix/one', target: 'c' },
      long: { path: '/match/prefix', target: 'b' },
    },
    requests: [
      { target: '/match/prefix/one/any', backend: 'c' },
      { target: '/match/prefix/two', backend: 'b' },
      { target: '/match/pre', backend: 'a' },
    ],
  },
  {
    id: 'path-case',
    rule: 'paths are compared with case',
    routes: { one: { path: '/Upper', target: 'a' } },
    requests: [
      { target: '/Upper', backend: 'a' },
      { target: '/upper', status: 404 },
    ],
  },
  {
    id: 'path-root',
    rule: 'the root prefix takes what is left',
    routes: { root: { path: '/', target: 'a' }, api: { path: '/api', target: 'b' } },
    requests: [
      { target: '/', backend: 'a' },
      { target: '/apis', backend: 'a' },
      { target: '/api', backend: 'b' },
      { method: 'OPTIONS', target: '*', backend: 'a' },
    ],
  },
  {
    id: 'header-exact',
    rule: 'a header condition compares the whole value with case, the name without',
    routes: { one: { headers: { Version: 'one' }, target: 'a' } },
    requests: [
      { target: '/', headers: { version: 'one' }, backend: 'a' },
      { target: '/', headers: { VERSION: 'one' }, backend: 'a' },
      { target: '/', headers: { version: 'ONE' }, status: 404 },
      { target: '/', headers: { version: 'one two' }, status: 404 },
      { target: '/', status: 404 },
    ],
  },
  {
    id: 'header-all',
    rule: 'all header conditions of a route must hold',
    routes: { both: { headers: { version: 'two', color: 'orange' }, target: 'a' } },
    requests: [
      { target: '/', headers: { version: 'two', color: 'orange' }, backend: 'a' },
      { target: '/', headers: { version: 'two' }, status: 404 },
      { target: '/', headers: { color: 'orange' }, status: 404 },
    ],
  },
  {
    id: 'header-most',
    rule: 'more header conditions go before fewer',
    routes: {
      none: { target: 'a' },
      two: { headers: { version: 'two', color: 'orange' }, target: 'c' },
      one: { headers: { version: 'two' }, target: 'b' },
    },
    requests: [
      { target: '/', headers: { version: 'two', color: 'orange' }, backend: 'c' },
      { target: '/', headers: { version: 'two', color: 'blue' }, backend: 'b' },
      { target: '/', headers: { color: 'orange' }, backend: 'a' },
    ],
  },
  {
    id: 'header-path',
    rule: 'the longer path goes before header conditions',
    routes: {
      header: { path: '/v2', headers: { version: 'two' }, target: 'a' },
      path: { path: '/v2/example', target: 'b' },
    },
    requests: [
      { target: '/v2/example', headers: { version: 'two' }, backend: 'b' },
      { target: '/v2/other', headers: { version: 'two' }, backend: 'a' },
    ],
  },
  {
    id: 'header-kinds',
    rule: 'a header can be asked for by prefix, expression, presence and absence',
    routes: {
      prefix: { path: '/prefix', headers: { 'x-v': { prefix: 'v1.' } }, target: 'a' },
      regex: { path: '/regex', headers: { 'x-v': { regex: 'v[12]' } }, target: 'a' },
      present: { path: '/present', headers: { 'x-v': { present: true } }, target: 'a' },
      absent: { path: '/absent', headers: { 'x-v': { present: false } }, target: 'a' },
    },
    requests: [
      { target: '/prefix', headers: { 'x-v': 'v1.7' }, backend: 'a' },
      { target: '/prefix', headers: { 'x-v': 'v2.1' }, status: 404 },
      { target: '/regex', headers: { 'x-v': 'v2' }, backend: 'a' },
      { target: '/regex', headers: { 'x-v': 'v23' }, status: 404 },
      { target: '/present', headers: { 'x-v': '' }, backend: 'a' },
      { target: '/present', status: 404 },
      { target: '/absent', backend: 'a' },
      { target: '/absent', headers: { 'x-v': 'x' }, status: 404 },
    ],
  },
  {
    id: 'method',
    rule: 'a method condition takes its methods alone',
    routes: { post: { methods: ['POST', 'DELETE'], target: 'a' }, get: { methods: ['GET'], target: 'b' } },
    requests: [
      { method: 'POST', target: '/', backend: 'a' },
      { method: 'DELETE', target: '/', backend: 'a' },
      { method: 'GET', target: '/', backend: 'b' },
      { method: 'PUT', target: '/', status: 404 },
      { method: 'HEAD', target: '/', status: 404 },
    ],
  },
  {
    id: 'method-first',
    rule: 'a method condition goes before header conditions, after the path',
    routes: {
      method: { path: '/path5', methods: ['PATCH'], target: 'a' },
      header: { path: '/path5', headers: { version: 'four', color: 'red' }, target: 'b' },
      longer: { path: '/path5/more', target: 'c' },
    },
    requests: [
      { method: 'PATCH', target: '/path5', headers: { version: 'four', color: 'red' }, backend: 'a' },
      { method: 'GET', target: '/path5', headers: { version: 'four', color: 'red' }, backend: 'b' },
      { method: 'PATCH', target: '/path5/more', headers: { version: 'four', color: 'red' }, backend: 'c' },
    ],
  },
  {
    id: 'name-last',
    rule: 'of routes that are alike in their rank the first by name goes first',
    routes: {
      b: { headers: { 'x-two': 'yes' }, target: 'b' },
      a: { headers: { 'x-one': 'yes' }, target: 'a' },
    },
    requests: [{ target: '/', headers: { 'x-one': 'yes', 'x-two': 'yes' }, backend: 'a' }],
  },
  {
    id: 'priority',
    rule: 'a higher priority goes before the longer path, a lower one behind all else',
    routes: {
      maintenance: { path: '/', priority: 10, headers: { 'x-maintenance': 'on' }, target: 'c' },
      long: { path: '/a/b', target: 'a' },
      last: { path: '/a/b/c', priority: -1, target: 'b' },
    },
    requests: [
      { target: '/a/b/c', backend: 'a' },
      { target: '/a/b', headers: { 'x-maintenance': 'on' }, backend: 'c' },
    ],
  },
];
