import assert from 'node:assert/strict';
import test from 'node:test';
import { pathReadings } from './path-readings.ts';
import { normalizePath, splitTarget } from './request-path.ts';

/** Path, ambiguity and all readings, in short. */
function read(target: string): [path: string, ambiguity: string | null, readings: readonly string[]] {
  const { path, ambiguity } = splitTarget(target);
  return [path, ambiguity, Array.from(pathReadings(path), (reading) => reading.path)];
}

test('a plain path is taken as it is, the query apart', () => {
  assert.deepEqual(splitTarget('/a/b.html?x=%2F..//'), {
    path: '/a/b.html',
    search: '?x=%2F..//',
    ambiguity: null,
  });
  assert.deepEqual(splitTarget('*'), { path: '*', search: '', ambiguity: null });
  assert.equal(splitTarget('/?').search, '?');
});

test('escapes of unreserved characters are the characters, other escapes are written in capitals (RFC 3986 6.2.2)', () => {
  assert.deepEqual(read('/%61dmin/%7e%5F%2d%30'), ['/admin/~_-0', null, ['/admin/~_-0']]);
  assert.deepEqual(read('/%c3%a9%20%3a'), ['/%C3%A9%20%3A', null, ['/%C3%A9%20%3A']]);
});

test('reserved characters and their escapes stay apart (RFC 3986 2.2)', () => {
  const [path, ambiguity, [first]] = read('/a%3Bb;c%2Cd');
  assert.deepEqual([path, ambiguity, first], ['/a%3Bb;c%2Cd', null, '/a%3Bb;c%2Cd']);
});

for (const [path, resolved] of [
  ['/a/../b', '/b'],
  ['/a/./b', '/a/b'],
  ['/a/..', '/'],
  ['/a/b/.', '/a/b/'],
  ['/%2e%2E/b', '/b'],
  ['/a/.%2e/b', '/b'],
  ['/a/..;x=1/b', '/b'],
  ['/a/.;/b', '/a/b'],
  ['/../../x', '/x'],
] as const) {
  test(`${path} has a dot segment and can be read as ${resolved}`, () => {
    const [, ambiguity, readings] = read(path);
    assert.equal(ambiguity, 'path_dot_segment');
    assert.ok(readings.includes(resolved), readings.join(' '));
  });
}

for (const [path, ambiguity, resolved] of [
  ['/a%2fb', 'path_encoded_slash', '/a/b'],
  ['/a%2Fb', 'path_encoded_slash', '/a/b'],
  ['//a', 'path_double_slash', '/a'],
  ['/a//b', 'path_double_slash', '/a/b'],
  ['/a///', 'path_double_slash', '/a/'],
  ['/a\\b', 'path_backslash', '/a/b'],
  ['/a%5cb', 'path_backslash', '/a/b'],
  ['/a%5C..%5Cb', 'path_backslash', '/b'],
  ['/a%2f..%2fb', 'path_encoded_slash', '/b'],
  ['/a%00', 'path_encoded_control', '/a%00'],
  ['/a%0d%0ab', 'path_encoded_control', '/a%0D%0Ab'],
  ['/a%7f', 'path_encoded_control', '/a%7F'],
  ['/%c0%ae%c0%ae/b', 'path_overlong_encoding', '/%C0%AE%C0%AE/b'],
  ['/a%c1%9cb', 'path_overlong_encoding', '/a%C1%9Cb'],
  ['/a%e0%80%afb', 'path_overlong_encoding', '/a%E0%80%AFb'],
  ['/a%f0%80%80%afb', 'path_overlong_encoding', '/a%F0%80%80%AFb'],
  ['/a%f8%80%80%80%afb', 'path_overlong_encoding', '/a%F8%80%80%80%AFb'],
] as const) {
  test(`${path} is refused as ${ambiguity}; its other reading is ${resolved}`, () => {
    const [, code, readings] = read(path);
    assert.equal(code, ambiguity);
    assert.ok(readings.includes(resolved), readings.join(' '));
  });
}

for (const path of ['/a%', '/a%2', '/a%zz', '/%%41', '/a%2g']) {
  test(`${path} has an escape that is none`, () => assert.equal(read(path)[1], 'request_target_invalid'));
}

for (const path of ['/...', '/..a', '/.well-known/x', '/a..', '/a.b/..c', '/.;', '/a/..%3B']) {
  const isDot = path === '/.;' || path === '/a/..%3B';
  test(`${path} ${isDot ? 'counts as' : 'is no'} dot segment`, () =>
    assert.equal(read(path)[1], isDot ? 'path_dot_segment' : null));
}

test('a configured path is compared in the same normal form', () => {
  assert.equal(normalizePath('/%61/%c3%a9'), '/a/%C3%A9');
});

test('the longest allowed path of nothing but escapes is read in one pass', () => {
  const escapes = '%2f'.repeat(2_700);
  assert.equal(read(`/${escapes}`)[1], 'path_double_slash');
});
