import assert from 'node:assert/strict';
import test from 'node:test';

import { drillUpgrades } from './upgrades.ts';

test('upgrades in a row under load refuse, reset and fail nothing; a stop answers what is under way', async (t) => {
  const figures = await drillUpgrades(
    { context: t, tell: (line) => t.diagnostic(line) },
    { upgrades: 2, connections: 60 },
  );
  const { refused, reset, wrong, heldAtStop, answeredAtStop } = figures;
  assert.deepEqual([refused, reset, wrong], [0, 0, 0]);
  assert.equal(answeredAtStop, heldAtStop);
});
