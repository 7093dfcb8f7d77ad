import assert from 'node:assert/strict';
import test from 'node:test';
import { pathReadings } from './path-readings.ts';

for (const [path, other] of [
  ['/a/b%2Fc/../../d', '/d'],
  ['/a/b%2Fc/../../d', '/a/d'],
  ['/a/b%5Cc/../../d', '/d'],
  ['/a/b\\c/../../d', '/d'],
  ['/a/b\\c/../../d', '/a/d'],
  ['/a/b//../../d', '/a/d'],
  ['/a/b//../../d', '/d'],
  ['/a//b;x/c', '/a/b/c'],
  ['/a/..;x/b', '/b'],
  ['/a/..%3Bx/b', '/b'],
  ['/a%2F..%5Cb', '/b'],
  ['/a/.', '/a/'],
] as const) {
  test(`${path} can be read as ${other}`, () => {
    assert.ok([...pathReadings(path)].some((reading) => reading.path === other));
  });
}

for (const [path, lowest] of [
  ['/../a', -1],
  ['/a/../b', 0],
  ['/a/b/../c', 1],
  ['/a/b%2Fc/../../d', 0],
] as const) {
  test(`${path} leaves ${lowest} segments on its lowest way`, () => {
    assert.equal(Math.min(...[...pathReadings(path)].map((reading) => reading.lowest)), lowest);
  });
}

test('a path has each of its readings once, and a bounded number of them', () => {
  const readings = [...pathReadings('/a%2Fb\\c%5Cd;e//f/../g')].map(({ path }) => path);
  assert.equal(new Set(readings).size, readings.length);
  assert.ok(readings.length <= 40);
});
