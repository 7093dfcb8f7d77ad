import test from 'node:test';

import { codeBlocks, readPage } from './markdown.ts';
import { takeTour } from './tour.ts';

test('every command of docs/proxy-protocol.md shows what the page says', { timeout: 90_000 }, async (context) => {
  await takeTour(context, codeBlocks(readPage('docs/proxy-protocol.md').text));
});
