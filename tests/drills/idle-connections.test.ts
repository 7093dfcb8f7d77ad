import assert from 'node:assert/strict';
import test from 'node:test';

import { drillIdleConnections } from './idle-connections.ts';

/** Measured: about 4 KiB with ten thousand connections; the heap's own steps weigh more with a thousand. */
const MOST_BYTES_PER_CONNECTION = 32_768;

test('a thousand idle connections cost little, serve again, and leave nothing behind', async (t) => {
  const figures = await drillIdleConnections({ context: t, tell: (line) => t.diagnostic(line) }, 1_000);
  assert.ok(figures.bytesPerConnection < MOST_BYTES_PER_CONNECTION, `${figures.bytesPerConnection} bytes each`);
  assert.equal(figures.socketsAfter, 0);
});
