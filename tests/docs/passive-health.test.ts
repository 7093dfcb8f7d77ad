import assert from 'node:assert/strict';
import test from 'node:test';

import { codeBlocks, readPage } from './markdown.ts';
import { takeTour } from './tour.ts';

test('every command of docs/passive-health.md shows what the page says', { timeout: 60_000 }, async (context) => {
  const blocks = codeBlocks(readPage('docs/passive-health.md').text);
  assert.ok(blocks.filter(({ kind }) => kind === 'sh run').length >= 3);
  await takeTour(context, blocks);
});
