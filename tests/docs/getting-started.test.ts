import assert from 'node:assert/strict';
import test from 'node:test';

import { codeBlocks, readPage } from './markdown.ts';
import { takeTour } from './tour.ts';

test('every command of docs/getting-started.md shows what the page says', { timeout: 110_000 }, async (context) => {
  const blocks = codeBlocks(readPage('docs/getting-started.md').text);
  assert.ok(blocks.filter(({ kind }) => kind === 'sh run').length >= 10);
  await takeTour(context, blocks);
});
