import assert from 'node:assert/strict';
import test from 'node:test';
import { parsedHead } from '../../../tests/support/parsed-head.ts';
import { type MatchParts, routeMatch } from '../../../tests/support/route-match.ts';
import { splitTarget } from '../../base/http/request-path.ts';
import { compileMatch } from './route-match.ts';
import { RouteTable } from './route-table.ts';

type Routes = Readonly<Record<string, MatchParts>>;

function tableOf(routes: Routes): RouteTable<string> {
  return new RouteTable(
    Object.entries(routes).map(([name, parts]) => ({ name, match: compileMatch(routeMatch(parts)), route: name })),
  );
}

/** Name of the route that takes `METHOD http://host/path`. */
function route(routes: Routes, request: string, lines: readonly string[] = []): string | null {
  const [, method, host, target] = /^(\S+) http:\/\/([^/]+)(.*)$/.exec(request) as unknown as [
    string,
    string,
    string,
    string,
  ];
  const head = parsedHead(`${method} ${target}`, host, lines);
  return tableOf(routes).match(head.host, splitTarget(target).path, head);
}

test('a host goes before a wildcard, the longer wildcard before the shorter, any host last', () => {
  const routes = {
    any: {},
    wide: { host: '*.example' },
    narrow: { host: '*.a.example' },
    exact: { host: 'x.a.example' },
  };
  assert.equal(route(routes, 'GET http://x.a.example/'), 'exact');
  assert.equal(route(routes, 'GET http://X.A.EXAMPLE:81/'), 'exact');
  assert.equal(route(routes, 'GET http://y.a.example/'), 'narrow');
  assert.equal(route(routes, 'GET http://y.z.a.example/'), 'narrow');
  assert.equal(route(routes, 'GET http://a.example/'), 'wide');
  assert.equal(route(routes, 'GET http://example/'), 'any');
});

test('what no route of the host takes goes on to wider hosts', () => {
  const routes = { any: {}, wild: { host: '*.example', path: '/w' }, exact: { host: 'a.example', path: '/e' } };
  assert.equal(route(routes, 'GET http://a.example/e/1'), 'exact');
  assert.equal(route(routes, 'GET http://a.example/w'), 'wild');
  assert.equal(route(routes, 'GET http://a.example/other'), 'any');
});

/** The same cases for the short list and the map: routes that nothing asks for make the table large. */
for (const [size, filling] of [
  ['a few', 0],
  ['many', 40],
] as const) {
  const filled = (routes: Routes): Routes => ({
    ...Object.fromEntries(Array.from({ length: filling }, (_, i) => [`filling${i}`, { path: `/filling/${i}` }])),
    ...routes,
  });

  test(`the longest prefix on a segment border wins (${size} routes)`, () => {
    const routes = filled({ root: {}, api: { path: '/api' }, v1: { path: '/api/v1' }, apix: { path: '/apix' } });
    for (const [path, name] of [
      ['/', 'root'],
      ['/ap', 'root'],
      ['/api', 'api'],
      ['/api/', 'api'],
      ['/api/v2', 'api'],
      ['/api/v1', 'v1'],
      ['/api/v1/', 'v1'],
      ['/api/v1/x/y', 'v1'],
      ['/api/v12', 'api'],
      ['/apix', 'apix'],
      ['/apixy', 'root'],
      ['/API', 'root'],
      ['/%61pi/v1', 'v1'],
    ] as const) {
      assert.equal(route(routes, `GET http://h${path}`), name, path);
    }
  });

  test(`an exact path goes before every prefix and takes nothing else (${size} routes)`, () => {
    const routes = filled({ prefix: { path: '/a' }, exact: { exactPath: '/a' }, deep: { exactPath: '/a/b' } });
    assert.equal(route(routes, 'GET http://h/a'), 'exact');
    assert.equal(route(routes, 'GET http://h/a/'), 'prefix');
    assert.equal(route(routes, 'GET http://h/a/b'), 'deep');
    assert.equal(route(routes, 'GET http://h/a/b/c'), 'prefix');
    assert.equal(route(routes, 'GET http://h/b'), null);
  });

  test(`a method condition goes before none, and more field conditions before fewer (${size} routes)`, () => {
    const routes = filled({
      plain: { path: '/a' },
      post: { path: '/a', methods: ['POST', 'PUT'] },
      one: { path: '/a', headers: [['x-a', 'exact', '1']] },
      two: {
        path: '/a',
        headers: [
          ['x-a', 'exact', '1'],
          ['x-b', 'present', ''],
        ],
      },
    });
    assert.equal(route(routes, 'GET http://h/a'), 'plain');
    assert.equal(route(routes, 'PUT http://h/a'), 'post');
    assert.equal(route(routes, 'POST http://h/a', ['X-A: 1']), 'post');
    assert.equal(route(routes, 'GET http://h/a', ['X-A: 1']), 'one');
    assert.equal(route(routes, 'GET http://h/a', ['x-b: ', 'X-A: 1']), 'two');
    assert.equal(route(routes, 'GET http://h/a', ['X-A: 1', 'X-A: 1']), 'plain');
  });

  test(`a longer path whose conditions fail leaves the request to a shorter one (${size} routes)`, () => {
    const routes = filled({ short: { path: '/a' }, long: { path: '/a/b', methods: ['POST'] } });
    assert.equal(route(routes, 'GET http://h/a/b/c'), 'short');
    assert.equal(route(routes, 'POST http://h/a/b/c'), 'long');
  });

  test(`the higher priority of a host goes first, whatever the path (${size} routes)`, () => {
    const routes = filled({
      long: { path: '/a/b' },
      high: { path: '/a', priority: 1 },
      low: { path: '/a/b/c', priority: -1 },
    });
    assert.equal(route(routes, 'GET http://h/a/b'), 'high');
    assert.equal(route(routes, 'GET http://h/a/b/c'), 'high');
  });

  test(`a target of thousands of segments is looked up as often as the longest route has segments (${size} routes)`, () => {
    const routes = filled({ root: {}, a: { path: '/a' } });
    assert.equal(route(routes, `GET http://h/a${'/x'.repeat(3_000)}`), 'a');
    assert.equal(route(routes, `GET http://h${'/x'.repeat(3_000)}`), 'root');
  });
}

for (const [kind, value, holds, fails] of [
  ['exact', 'a b', ['a b'], ['a', 'A b', null]],
  ['prefix', 'v1', ['v1', 'v1.2'], ['av1', null]],
  ['regex', 'v[12]|w', ['v1', 'w'], ['v3', 'xv1', 'v1x', 'wx', null]],
  ['present', '', ['', 'x'], [null]],
  ['absent', '', [null], ['', 'x']],
] as const) {
  test(`a field condition "${kind}" holds for the whole value`, () => {
    const routes = { it: { headers: [['x-test', kind, value]] } } as Routes;
    for (const each of [...holds, ...fails]) {
      const taken = route(routes, 'GET http://h/', each === null ? [] : [`X-Test: ${each}`]);
      assert.equal(taken, (holds as readonly unknown[]).includes(each) ? 'it' : null, String(each));
    }
  });
}

test('an expression is not tried on a value longer than 1,024 characters', () => {
  const routes = { it: { headers: [['x-test', 'regex', 'a*']] } } as Routes;
  assert.equal(route(routes, 'GET http://h/', [`X-Test: ${'a'.repeat(1_024)}`]), 'it');
  assert.equal(route(routes, 'GET http://h/', [`X-Test: ${'a'.repeat(1_025)}`]), null);
});

test('several fields of one name count as one list (RFC 9110 5.3), and known names are conditions too', () => {
  const routes = { list: { headers: [['accept', 'exact', 'a, b']] } } as Routes;
  assert.equal(route(routes, 'GET http://h/', ['Accept: a', 'accept: b']), 'list');
  assert.equal(route(routes, 'GET http://h/', ['Accept: a']), null);
});

test('isRouted knows names and wildcards, not the routes of any host', () => {
  const table = tableOf({ any: {}, wild: { host: '*.w.example' }, exact: { host: 'a.example' } });
  assert.deepEqual(
    ['a.example', 'x.w.example', 'x.y.w.example', 'w.example', 'b.example', ''].map((host) => table.isRouted(host)),
    [true, true, true, false, false, false],
  );
});
