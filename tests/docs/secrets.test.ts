import assert from 'node:assert/strict';
import test from 'node:test';

import { createFolder } from '../support/yaml-program.ts';
import { codeBlocks, readPage } from './markdown.ts';
import { mistakesInExamples } from './shell-examples.ts';

test('every example of docs/secrets.md prints what the page shows', { timeout: 110_000 }, async (context) => {
  const blocks = codeBlocks(readPage('docs/secrets.md').text);
  assert.equal(blocks.filter(({ kind }) => kind.startsWith('sh run')).length, 5);
  assert.deepEqual(await mistakesInExamples(blocks, createFolder(context)), []);
});
