import assert from 'node:assert/strict';
import test from 'node:test';

import { drillFailure, FAILURES } from './backend-failures.ts';

for (const failure of FAILURES) {
  test(`a backend that is ${failure.name} under load costs no request, and comes back by itself`, async (t) => {
    const stage = { context: t, tell: (line: string) => t.diagnostic(line) };
    const figures = await drillFailure(stage, failure, { connections: 50, seconds: 1 });
    t.diagnostic(JSON.stringify(figures));
    assert.equal(figures.failed, 0);
    assert.ok(figures.requests > 500, `${figures.requests} requests`);
  });
}
