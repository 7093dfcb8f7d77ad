import assert from 'node:assert/strict';
import test from 'node:test';

import { runAborts } from './client-aborts.ts';

/** A leak of one kilobyte per abort would be seen by the long form; here only the coarse ones are. */
const MOST_GROWTH_MB = 60;

test('after clients that abort everywhere, sockets and gauges are back at their baseline and memory stays', async (t) => {
  const { before, after } = await runAborts(t, 2_000, () => undefined);
  assert.ok(after.sockets <= before.sockets, `${after.sockets} sockets, ${before.sockets} before`);
  assert.ok(after.rssMb - before.rssMb < MOST_GROWTH_MB, `${after.rssMb} MB, ${before.rssMb} MB before`);
});
