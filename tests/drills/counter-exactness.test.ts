import assert from 'node:assert/strict';
import test from 'node:test';

import { drillCounters } from './counter-exactness.ts';

const REQUESTS = 20_000;

test('over four workers every counter is exactly what clients, backends and the access log counted', async (t) => {
  const figures = await drillCounters({ context: t, tell: (line) => t.diagnostic(line) }, REQUESTS);
  assert.deepEqual(figures.disagreements, []);
  assert.ok(figures.requests >= REQUESTS, `${figures.requests} requests`);
  assert.equal(figures.workers, 4);
  assert.ok(figures.retries > 0, 'requests were sent a second time');
  for (const status of [
    '101',
    '200',
    '204',
    '304',
    '308',
    '400',
    '401',
    '404',
    '431',
    '499',
    '500',
    '502',
    '503',
    '504',
  ])
    assert.ok((figures.statuses[status] ?? 0) > 0, `no ${status}`);
});
