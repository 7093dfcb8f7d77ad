import assert from 'node:assert/strict';
import test from 'node:test';

import { CHECK_FAILURES } from '../../src/base/errors/check-failures.ts';
import { cellsOf, codeBlocks, readPage, sectionOf } from './markdown.ts';
import { takeTour } from './tour.ts';

const page = readPage('docs/health-checks.md');

test('every command of docs/health-checks.md shows what the page says', { timeout: 90_000 }, async (context) => {
  const blocks = codeBlocks(page.text);
  assert.ok(blocks.filter(({ kind }) => kind === 'sh run').length >= 8);
  await takeTour(context, blocks, { RWWWRSE_HEALTH_CHECK_ENABLED: 'true' });
});

test('docs/health-checks.md has every code of a failed check', () => {
  const rows = sectionOf(page, 'Why a check failed').split('\n');
  const codes = rows.flatMap((row) => /^`(\w+)`$/.exec(cellsOf(row)?.[0] ?? '')?.[1] ?? []);
  assert.deepEqual(codes, Object.keys(CHECK_FAILURES));
});
