import assert from 'node:assert/strict';
import test from 'node:test';

import { drillLargeBody } from './large-body.ts';

const BYTES = 268_435_456;
/** A heap may breathe; a body that is kept would be four times as much. */
const MOST_GROWTH_KIB = 64 * 1_024;

test('256 MiB down and up go through whole, with flat memory', async (t) => {
  const { download, upload } = await drillLargeBody({ context: t, tell: (line) => t.diagnostic(line) }, BYTES);
  for (const [name, { bytes, residentBeforeKib, residentMostKib }] of Object.entries({ download, upload })) {
    assert.equal(bytes, BYTES);
    const growth = residentMostKib - residentBeforeKib;
    assert.ok(growth < MOST_GROWTH_KIB, `${name}: RSS grew by ${growth} KiB`);
  }
});
