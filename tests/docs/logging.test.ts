import assert from 'node:assert/strict';
import test from 'node:test';

import { codeBlocks, readPage, sectionOf } from './markdown.ts';
import { takeTour } from './tour.ts';

test('every command of the logging page works as it is printed', { timeout: 60_000 }, async (context) => {
  const blocks = codeBlocks(sectionOf(readPage('docs/logging.md'), 'Try it'));
  assert.ok(blocks.filter(({ kind }) => kind === 'sh run').length >= 4);
  await takeTour(context, blocks);
});
