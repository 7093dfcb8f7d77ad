import assert from 'node:assert/strict';
import test from 'node:test';

import { inThreads } from '../../tests/support/in-threads.ts';
import { PathTable, RAW_PATH_LIMIT } from './path-table.ts';
import type * as Tested from './path-table.ts';
import { createRegions, PATH_BYTES } from './regions.ts';

const MODULE = new URL('./path-table.ts', import.meta.url);

test('a path has the same number in every thread, and its text comes back', () => {
  const regions = createRegions(2);
  const [first, second] = [new PathTable(regions), new PathTable(regions)];
  const paths = ['/', '/a', '/b/\u00e9', `/${'x'.repeat(PATH_BYTES - 1)}`];
  const numbers = paths.map((path) => first.indexOf(path));
  assert.deepEqual(
    paths.map((path) => second.indexOf(path)),
    numbers,
  );
  assert.deepEqual(
    numbers.map((number) => second.textOf(number)),
    paths,
  );
  assert.equal(first.size, paths.length);
});

test('a path that is too long has no number', () => {
  assert.equal(new PathTable(createRegions(1)).indexOf(`/${'x'.repeat(PATH_BYTES)}`), -1);
});

test('beyond the limit new paths have no number and known ones keep theirs', () => {
  const table = new PathTable(createRegions(1));
  const numbers = Array.from({ length: RAW_PATH_LIMIT }, (_, i) => table.indexOf(`/path/${i}`));
  assert.equal(new Set(numbers).size, RAW_PATH_LIMIT);
  assert.ok(!numbers.includes(-1));
  assert.equal(table.indexOf('/one/more'), -1);
  assert.equal(table.indexOf('/path/999'), numbers[999]);
  assert.equal(table.size, RAW_PATH_LIMIT);
});

test('threads that bring the same paths at the same moment agree, and the limit holds', async () => {
  const regions = createRegions(2);
  const seen = await inThreads(
    MODULE,
    [1, -1].map((direction) => ({ regions, direction })),
    (module: typeof Tested, { regions: shared, direction }) => {
      const table = new module.PathTable(shared);
      const numbers: number[] = [];
      for (let i = 0; i < 900; i++) {
        const n = direction > 0 ? i : 899 - i;
        numbers[n] = table.indexOf(`/users/${n}/orders`);
      }
      for (let i = 0; i < 500; i++) table.indexOf(`/more/${direction}/${i}`);
      return { numbers, size: table.size };
    },
  );
  assert.deepEqual(seen[0]?.numbers, seen[1]?.numbers);
  assert.equal(new Set(seen[0]?.numbers).size, 900);
  assert.equal(new PathTable(regions).size, RAW_PATH_LIMIT);
});
