import assert from 'node:assert/strict';
import test from 'node:test';

import { codeBlocks, readPage } from './markdown.ts';
import { SUPPORTED_NODE, takeTour } from './tour.ts';

test('every command of docs/upgrade.md shows what the page says', { timeout: 60_000 }, async (context) => {
  const blocks = codeBlocks(readPage('docs/upgrade.md').text);
  assert.ok(blocks.filter(({ kind }) => kind === 'sh run').length >= 4);
  await takeTour(context, blocks, SUPPORTED_NODE);
});
