import type { RoutingCase } from './case.ts';

/** Paths that two programs read differently (docs/routing.md): refused, or passed as they came where both readings agree. */
export const PATH_CASES: readonly RoutingCase[] = [
  {
    id: 'path-ambiguous',
    rule: 'a path with two readings is refused with 400',
    routes: { root: { target: 'a' }, admin: { path: '/admin', target: 'b' } },
    requests: [
      '/a/../admin',
      '/a/./b',
      '/%2e%2e/admin',
      '/a%2fb',
      '/a%5c..%5cadmin',
      '//admin',
      '/a//b',
      '/a\\b',
      '/a%00',
      '/a/..;/admin',
      '/a%zz',
    ].map((target) => ({ target, status: 400 })),
  },
  {
    id: 'path-equal',
    rule: 'escapes of unreserved characters are the characters: no route is evaded by them',
    routes: { root: { target: 'a' }, admin: { path: '/admin', target: 'b' } },
    requests: [
      { target: '/%61dmin/x', backend: 'b', received: { target: '/admin/x' } },
      { target: '/%41dmin', backend: 'a', received: { target: '/Admin' } },
      { target: '/caf%c3%a9?q=%61', backend: 'a', received: { target: '/caf%c3%a9?q=%61' } },
    ],
  },
  {
    id: 'path-pass',
    rule: 'a route may pass such paths as they came, when both readings lead to it',
    routes: {
      registry: { path: '/registry', ambiguous_path: 'pass', target: 'a' },
      admin: { path: '/registry/admin', target: 'b' },
    },
    requests: [
      { target: '/registry/@scope%2fname', backend: 'a', received: { target: '/registry/@scope%2fname' } },
      { target: '/registry//x', backend: 'a', received: { target: '/registry//x' } },
      { target: '/registry/a/../b', backend: 'a', received: { target: '/registry/a/../b' } },
      { target: '/registry/x%2f..%2fadmin', status: 400 },
      { target: '/registry//admin', status: 400 },
      { target: '/registry/..%2f', status: 400 },
      { target: '/registry/a%00', status: 400 },
    ],
  },
  {
    id: 'path-pass-readings',
    rule: 'a path is passed only when every program reads it as one of the same route',
    routes: {
      root: { ambiguous_path: 'pass', target: 'a' },
      registry: { path: '/registry', ambiguous_path: 'pass', target: 'a' },
      admin: { path: '/admin', target: 'b' },
      inner: { path: '/x/admin', target: 'b' },
    },
    requests: [
      { target: '/registry/a%2fb/../../admin', status: 400 },
      { target: '/registry/a%2fb/../../../admin', status: 400 },
      { target: '/registry/a%5cb/../../../admin', status: 400 },
      { target: '/q/a%2fb/../../../admin', status: 400 },
      { target: '/x/q//../../admin', status: 400 },
      { target: '//admin;v=1', status: 400 },
      { target: '/../other', backend: 'a', received: { target: '/../other' } },
      { target: '/registry/a%2fb/../c', backend: 'a', received: { target: '/registry/a%2fb/../c' } },
    ],
  },
  {
    id: 'path-pass-floor',
    rule: 'a passed path does not climb out of what its route puts before it',
    routes: {
      whole: { ambiguous_path: 'pass', rewrite: { prefix: '/tenant' }, target: 'a' },
      part: { path: '/api', ambiguous_path: 'pass', rewrite: { prefix: '/x/y' }, target: 'a' },
    },
    requests: [
      { target: '/../other', status: 400 },
      { target: '/a%2f..%2f../other', status: 400 },
      { target: '/api/../api/x', status: 400 },
      { target: '/api/a/../b', backend: 'a', received: { target: '/x/y/a/../b' } },
      { target: '/a/../b', backend: 'a', received: { target: '/tenant/a/../b' } },
    ],
  },
];
