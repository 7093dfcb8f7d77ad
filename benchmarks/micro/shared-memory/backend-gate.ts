import { BackendGate } from '../../../src/shared-memory/backend-gate.ts';
import { GateTable } from '../../../src/shared-memory/gate-memory.ts';
import { createRegions } from '../../../src/shared-memory/regions.ts';
import { RetryBudget } from '../../../src/shared-memory/retry-budget.ts';
import { measure } from '../measure.ts';

const regions = createRegions(4);
const table = new GateTable(regions, 0, () => undefined);
const breaker = { threshold: 1_000_000, openMs: 3_600_000, maxTrials: 10, successThreshold: 2 };
const passiveHealth = {
  consecutiveFailures: 1_000_000,
  failureShare: 0,
  windowMs: 10_000,
  minRequests: 20,
  ejectMs: 10_000,
  maxEjectMs: 300_000,
  maxEjectedShare: 0.5,
};
const gate = new BackendGate(table, 0, { breaker, passiveHealth, slowStartMs: 0 });
const plain = new BackendGate(table, 1, { breaker: null, passiveHealth: null, slowStartMs: 0 });
const sharing = new BackendGate(table, 2, {
  breaker,
  passiveHealth: { ...passiveHealth, failureShare: 0.5, minRequests: 1_000_000_000 },
  slowStartMs: 0,
});
const peers = [0, 1, 2];

for (const [name, each] of [
  ['nothing configured', plain],
  ['breaker and ejection', gate],
  ['breaker, ejection, failure share', sharing],
] as const) {
  measure(`a request that succeeds: select, admit, told; ${name}`, () => {
    if (each.isAvailable && each.share === 1) each.succeeded(each.admit());
  });
}
measure('a request that fails and opens nothing', () => gate.failed(gate.admit(), 'reset', peers));
measure('the same, with a failure share', () => sharing.failed(sharing.admit(), 'reset', peers));

const budget = new RetryBudget(regions, 0);
budget.configure({ share: 0.2, minPerSecond: 10 });
measure('retry budget: a request', () => budget.requested());
measure('retry budget: a retry, used up or not', () => budget.mayRetry(5_000_000));
