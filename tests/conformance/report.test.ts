import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { renderReport } from './report.ts';

test('docs/conformance.md is what the case table says (node tests/conformance/report.ts writes it)', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/conformance.md'), 'utf8');
  assert.equal(page, renderReport());
});
