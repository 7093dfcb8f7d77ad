import assert from 'node:assert/strict';
import test from 'node:test';

import { BackendGate, type GatePolicy } from './backend-gate.ts';
import { BackendGates } from './backend-gates.ts';
import { REFUSED } from './breaker.ts';
import { type GateEvent, GateTable } from './gate-memory.ts';
import { createRegions } from './regions.ts';

const BACKEND = 3;
const PEERS = [3, 4, 5];
const POLICY: GatePolicy = {
  breaker: { threshold: 5, openMs: 1_000, maxTrials: 2, successThreshold: 1 },
  passiveHealth: {
    consecutiveFailures: 3,
    failureShare: 0,
    windowMs: 10_000,
    minRequests: 10,
    ejectMs: 2_000,
    maxEjectMs: 10_000,
    maxEjectedShare: 0.5,
  },
  slowStartMs: 10_000,
};

/** The gate of a backend as one worker and main see it, at a time that the test sets. */
function stage(changes: Partial<GatePolicy> = {}) {
  const time = { nowMs: 7_000_000 };
  const clock = (): number => time.nowMs;
  const regions = createRegions(1);
  const told: GateEvent[] = [];
  const gateOf = (worker: number): BackendGate =>
    new BackendGate(new GateTable(regions, worker, (_, event) => told.push(event), clock), BACKEND, {
      ...POLICY,
      ...changes,
    });
  const [gate, main] = [gateOf(0), gateOf(-1)];
  const fail = (times: number): void => {
    for (let i = 0; i < times; i++) gate.failed(gate.admit(), 'reset', PEERS);
  };
  return { time, told, gate, main, fail, gates: new BackendGates(regions, clock) };
}

test('nothing stands against a backend of which nothing is known', () => {
  const { gate } = stage();
  assert.deepEqual([gate.isAvailable, gate.isAdmitting, gate.share], [true, true, 1]);
});

test('active checks make it unavailable, but it would still admit; an operator and a breaker are never overruled', () => {
  const { gate, gates } = stage();
  gates.setUnhealthy(BACKEND, true);
  assert.deepEqual([gate.isAvailable, gate.isAdmitting, gate.admit() !== REFUSED], [false, true, true]);
  gates.setUnhealthy(BACKEND, false);
  gates.setOut(BACKEND, true);
  assert.deepEqual([gate.isAvailable, gate.isAdmitting, gate.admit()], [false, false, REFUSED]);
  gates.setOut(BACKEND, false);
  assert.equal(gate.isAvailable, true);
  gate.breaker.force('forced_open');
  assert.deepEqual([gate.isAvailable, gate.isAdmitting, gate.admit()], [false, false, REFUSED]);
});

test('an ejected backend is unavailable, but would still admit', () => {
  const { gate, gates, fail } = stage();
  fail(3);
  assert.deepEqual([gate.isAvailable, gate.isAdmitting], [false, true]);
  assert.deepEqual(gates.state(BACKEND), {
    circuit: 'closed',
    isEjected: true,
    isUnhealthy: false,
    isOut: false,
    turns: [0, 0, 0, 0],
    ejections: [1, 0],
  });
});

test('with all trials taken a half-open backend is unavailable, and is again when one has ended', () => {
  const { gate, time, fail } = stage({ passiveHealth: null });
  fail(5);
  time.nowMs += 1_000;
  const first = gate.admit();
  gate.admit();
  assert.deepEqual([gate.isAvailable, gate.isAdmitting], [false, false]);
  gate.withdrawn(first);
  assert.equal(gate.isAvailable, true);
});

/** What makes a backend that had been away come back. */
const COMEBACKS: Readonly<Record<string, (on: ReturnType<typeof stage>) => void>> = {
  'an ejection that is over': ({ gate, time, fail }) => {
    fail(3);
    time.nowMs += 2_000;
    assert.equal(gate.isAvailable, true);
  },
  'checks that pass again': ({ gates }) => {
    gates.setUnhealthy(BACKEND, true);
    gates.setUnhealthy(BACKEND, false);
  },
  'an operator who takes it back in': ({ gates }) => {
    gates.setOut(BACKEND, true);
    gates.setOut(BACKEND, false);
  },
  'a breaker that closes': ({ gate, time }) => {
    for (let i = 0; i < 5; i++) gate.breaker.failed(gate.admit(), 'reset');
    time.nowMs += 1_000;
    gate.succeeded(gate.admit());
    assert.equal(gate.breaker.state, 'closed');
  },
};

for (const [what, comeBack] of Object.entries(COMEBACKS)) {
  test(`after ${what} the share grows evenly from a tenth to all of it`, () => {
    const on = stage();
    comeBack(on);
    const shares = [0, 2_500, 2_500, 2_500, 2_500].map((ms) => {
      on.time.nowMs += ms;
      return Math.round(on.gate.share * 1_000) / 1_000;
    });
    assert.deepEqual(shares, [0.1, 0.325, 0.55, 0.775, 1]);
  });
}

test('without slow start it has its whole share at once', () => {
  const on = stage({ slowStartMs: 0 });
  for (const comeBack of Object.values(COMEBACKS)) {
    comeBack(on);
    assert.equal(on.gate.share, 1);
  }
});

test('a backend that is said to be healthy and was not unhealthy does not start slowly', () => {
  const { gate, gates } = stage();
  gates.setUnhealthy(BACKEND, false);
  assert.equal(gate.share, 1);
});

test('what is long over is forgotten before its time comes round', () => {
  const on = stage();
  on.fail(3);
  on.time.nowMs += 2_000;
  on.main.sweep();
  on.time.nowMs += 3_600_000;
  on.main.sweep();
  on.time.nowMs += 2 ** 32 - 3_600_000 - 1_000;
  assert.deepEqual([on.gate.isAvailable, on.gate.share], [true, 1]);
  on.fail(3);
  assert.deepEqual(
    on.told.filter(({ kind }) => kind === 'ejected').map((event) => 'ejectedMs' in event && event.ejectedMs),
    [2_000, 2_000],
  );
});

test('a backend that a configuration names anew begins with an open gate; its counts go on', () => {
  const { gate, gates, told, time, fail } = stage({ slowStartMs: 0 });
  fail(3);
  gate.breaker.force('forced_open');
  const { length } = told;
  gates.reopen(BACKEND);
  assert.deepEqual([gate.isAvailable, told.length], [true, length]);
  assert.deepEqual(gates.state(BACKEND)?.ejections, [1, 0]);
  fail(3);
  time.nowMs += 1_999;
  assert.equal(gate.isAvailable, false);
  time.nowMs += 1;
  assert.equal(gate.isAvailable, true, 'the ejection before is forgotten');
});
