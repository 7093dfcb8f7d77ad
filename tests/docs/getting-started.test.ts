import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';

import { codeBlocks, readPage } from './markdown.ts';
import { Tour } from './tour.ts';

test('every command of docs/getting-started.md shows what the page says', { timeout: 110_000 }, async (context) => {
  for (const program of ['npm', 'curl']) {
    if (spawnSync(program, ['--version']).status !== 0) {
      context.skip(`missing: ${program}`);
      return;
    }
  }
  const blocks = codeBlocks(readPage('docs/getting-started.md').text);
  assert.ok(blocks.filter(({ kind }) => kind === 'sh run').length >= 10);
  const tour = await Tour.create();
  try {
    await tour.run(blocks);
  } finally {
    await tour.dispose();
  }
  assert.deepEqual(tour.mistakes, []);
});
