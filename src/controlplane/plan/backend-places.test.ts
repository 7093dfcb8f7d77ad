import assert from 'node:assert/strict';
import test from 'node:test';

import { planOf, plannedRoute } from '../../../tests/support/planned.ts';
import { BackendFactsTable } from '../../shared-memory/backend-facts.ts';
import { BackendGate } from '../../shared-memory/backend-gate.ts';
import { BackendGates } from '../../shared-memory/backend-gates.ts';
import { GATE_ENTRIES } from '../../shared-memory/gate-cells.ts';
import { GateTable } from '../../shared-memory/gate-memory.ts';
import { BACKEND_HELD, HeldBackends, SHARED_PLACE } from '../../shared-memory/held-backends.ts';
import { createRegions } from '../../shared-memory/regions.ts';
import { BackendPlaces } from './backend-places.ts';
import { SharedPlaces } from './shared-places.ts';

const POLICY = {
  breaker: { threshold: 1, openMs: 60_000, maxTrials: 1, successThreshold: 1 },
  passiveHealth: null,
  slowStartMs: 0,
};

/** Places of a program with one worker, which runs every plan at once unless the test holds it back. */
function stage() {
  const regions = createRegions(1);
  const state = { version: 0, oldest: Infinity };
  const places = new BackendPlaces(new SharedPlaces(regions, () => Math.min(state.oldest, state.version)));
  const make = (backends: readonly number[]): number[] => {
    places.begin();
    return backends.map((backend) => places.placeOf(backend));
  };
  const run = (backends: readonly number[]): number[] => {
    const made = make(backends);
    state.version++;
    places.runs(
      planOf(
        state.version,
        backends.map((backend) => plannedRoute(`/${backend}`, backend)),
      ),
    );
    return made;
  };
  const table = new GateTable(regions, 0, () => undefined);
  const breakAt = (place: number): void => {
    const gate = new BackendGate(table, place, POLICY);
    gate.failed(gate.admit(), 'reset', [place]);
    new BackendFactsTable(regions, 0).failed(place, { status: 503, reason: 1 }, 5, 1_000);
  };
  const seen = (place: number): unknown[] => {
    const gate = new BackendGates(regions).state(place);
    return [gate?.circuit, gate?.turns[1], new BackendFactsTable(regions, -1).read(place) === null];
  };
  return { regions, state, places, make, run, breakAt, seen };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

test('ever new backends use the places of those that are gone: there are as many as a program has at a time', () => {
  const { run } = stage();
  const highest = range(0, 1_000).map((round) => Math.max(...run(range(round * 40, round * 40 + 40))));
  assert.ok(highest.length * 40 > 2 * GATE_ENTRIES);
  assert.equal(Math.max(...highest), SHARED_PLACE - 1);
});

test('no two backends of a plan have one place, and none that stays moves', () => {
  const { run } = stage();
  const steady = range(100_000, 100_700);
  const first = run(steady);
  for (let round = 0; round < 20; round++) {
    const passing = range(round * 500, round * 500 + 500);
    const made = run([...passing, ...steady]);
    assert.equal(new Set(made).size, made.length);
    assert.deepEqual(made.slice(500), first);
  }
});

test('a place is nobody else’s as long as a thread may answer by a plan that had its backend', () => {
  const { run, state } = stage();
  run(range(0, SHARED_PLACE));
  state.oldest = 1;
  run([]);
  assert.deepEqual(run([5_000]), [SHARED_PLACE]);
  state.oldest = 2;
  assert.deepEqual(run([5_000, 5_001]), [SHARED_PLACE, 0]);
});

test('a place at which a stream of a backend that is gone still runs waits for its end', () => {
  const { run, regions } = stage();
  run(range(0, SHARED_PLACE));
  const held = new HeldBackends(regions, 0);
  held.add(0, BACKEND_HELD.active, 1);
  run([]);
  assert.deepEqual(run([5_000]), [1]);
  held.add(0, BACKEND_HELD.active, -1);
  assert.deepEqual(run([5_000, 5_001]), [1, 0]);
});

test('who is back before his place was given away finds it again, and begins anew but for what is counted', () => {
  const { run, breakAt, seen } = stage();
  const [place] = run([7]) as [number];
  breakAt(place);
  assert.deepEqual(seen(place), ['open', 1, false]);
  run([8]);
  assert.deepEqual(run([8, 7])[1], place);
  assert.deepEqual(seen(place), ['closed', 1, false]);
  breakAt(place);
  assert.deepEqual(run([8, 7, 7])[1], place, 'it stays');
  assert.deepEqual(seen(place), ['open', 2, false]);
});

test('who comes to the place of another finds nothing of him', () => {
  const { run, breakAt, seen } = stage();
  run(range(0, SHARED_PLACE));
  breakAt(3);
  run(range(SHARED_PLACE, 2 * SHARED_PLACE));
  const heirs = run(range(2 * SHARED_PLACE, 3 * SHARED_PLACE));
  assert.ok(heirs.includes(3));
  assert.deepEqual(seen(3), ['closed', 0, true]);
});

test('a plan that is not taken takes nobody’s place, neither of its own backends nor of those that run', () => {
  const { run, make } = stage();
  const running = range(0, SHARED_PLACE - 1);
  run(running);
  assert.deepEqual(make([9_000, 9_001, 9_002]), [SHARED_PLACE - 1, SHARED_PLACE, SHARED_PLACE + 1]);
  const [again, ...rest] = run([9_003, ...running]);
  assert.equal(again, SHARED_PLACE - 1, 'the place of one that never ran');
  assert.deepEqual(rest, running);
});

test('of backends that are gone the one that the plan wants back keeps its place', () => {
  const { run } = stage();
  run(range(0, SHARED_PLACE));
  run([]);
  const made = run([0, 9_000, 1]);
  assert.deepEqual([made[0], made[1]], [0, 1]);
  assert.equal(new Set(made).size, 3);
});
