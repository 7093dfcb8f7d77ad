import assert from 'node:assert/strict';
import test from 'node:test';

import { drillClientAborts } from './client-aborts.ts';

/** A leak of one kilobyte per abort would be seen by the long form; here only the coarse ones are. */
const MOST_GROWTH_KIB = 40 * 1_024;

test('clients that go away everywhere leave no socket, no descriptor, no gauge and no memory behind', async (t) => {
  const figures = await drillClientAborts({ context: t, tell: (line) => t.diagnostic(line) }, 2_000);
  assert.equal(figures.defects, 0);
  assert.equal(figures.backendFailures, 0);
  const growth = figures.residentEndKib - figures.residentWarmKib;
  assert.ok(growth < MOST_GROWTH_KIB, `RSS grew by ${growth} KiB`);
});
