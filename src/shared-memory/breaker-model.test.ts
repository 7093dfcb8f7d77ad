import assert from 'node:assert/strict';
import test from 'node:test';

import fc from 'fast-check';

import { BACKEND, BREAKER as SETTINGS, BreakerStage as Stage, WORKERS } from '../../tests/support/breaker-stage.ts';
import type * as gateModules from '../../tests/support/gate-modules.ts';
import { inThreads } from '../../tests/support/in-threads.ts';
import { REFUSED, SharedBreaker } from './breaker.ts';
import { GATE, GATE_ROW, gateRowStart, gateStart } from './gate-cells.ts';
import { GateMemory, GateTable } from './gate-memory.ts';
import { createRegions, type Regions } from './regions.ts';

const MODULES = new URL('../../tests/support/gate-modules.ts', import.meta.url);

/** The specification, as plain as it can be said. */
class Specification {
  state: 'closed' | 'open' | 'half_open' = 'closed';
  /** Raised by every turn. */
  turn = 0;
  failures = 0;
  successes = 0;
  trials = 0;
  openedMs = 0;
  readonly turns: string[] = [];

  admit(nowMs: number): { turn: number; isTrial: boolean } | null {
    if (this.state === 'open' && nowMs - this.openedMs >= SETTINGS.openMs) this.become('half_open', nowMs);
    if (this.state === 'open') return null;
    if (this.state === 'half_open') {
      if (this.trials === SETTINGS.maxTrials) return null;
      this.trials++;
    }
    return { turn: this.turn, isTrial: this.state === 'half_open' };
  }

  end(ticket: { turn: number; isTrial: boolean }, outcome: 'success' | 'failure' | 'nothing', nowMs: number): void {
    if (ticket.isTrial) this.trials--;
    if (ticket.turn !== this.turn || outcome === 'nothing') return;
    if (outcome === 'failure') {
      this.failures++;
      if (ticket.isTrial || this.failures === SETTINGS.threshold) this.become('open', nowMs);
    } else if (!ticket.isTrial) {
      this.failures = 0;
    } else if (++this.successes === SETTINGS.successThreshold) {
      this.become('closed', nowMs);
    }
  }

  private become(state: Specification['state'], nowMs: number): void {
    this.state = state;
    this.turn++;
    this.failures = 0;
    this.successes = 0;
    this.openedMs = nowMs;
    this.turns.push(state);
  }
}

type Step =
  | { readonly do: 'admit'; readonly worker: number }
  | { readonly do: 'end'; readonly which: number; readonly outcome: 'success' | 'failure' | 'nothing' }
  | { readonly do: 'wait'; readonly ms: number };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('admit' as const), worker: fc.nat(WORKERS - 1) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      which: fc.nat(100),
      outcome: fc.constantFrom('success' as const, 'failure' as const, 'failure' as const, 'nothing' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 999, 1_000) }) },
);

test('four workers together do what the specification says, for any order of requests, outcomes and time', () => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 150, size: 'max' }), (steps) => {
      const stage = new Stage();
      const specification = new Specification();
      const open: { worker: number; ticket: number; expected: { turn: number; isTrial: boolean } }[] = [];
      for (const step of steps) {
        if (step.do === 'wait') stage.nowMs += step.ms;
        else if (step.do === 'admit') {
          const wouldAdmit = stage.at(step.worker).isAdmitting;
          const ticket = stage.at(step.worker).admit();
          const expected = specification.admit(stage.nowMs);
          assert.deepEqual([ticket !== REFUSED, wouldAdmit], [expected !== null, expected !== null]);
          if (expected !== null) open.push({ worker: step.worker, ticket, expected });
        } else if (step.do === 'end' && open.length > 0) {
          const [ended] = open.splice(step.which % open.length, 1) as [(typeof open)[number]];
          const breaker = stage.at(ended.worker);
          if (step.outcome === 'success') breaker.succeeded(ended.ticket);
          else if (step.outcome === 'failure') breaker.failed(ended.ticket, 'reset');
          else breaker.withdrawn(ended.ticket);
          specification.end(ended.expected, step.outcome, stage.nowMs);
        }
        assert.equal(stage.main.state, specification.state);
        assert.equal(stage.trials, specification.trials);
        if (specification.state === 'closed') assert.equal(stage.main.failures, specification.failures);
      }
      assert.deepEqual(stage.turns(), specification.turns);
    }),
    { numRuns: 400 },
  );
});

interface ThreadOrder {
  readonly regions: Regions;
  readonly worker: number;
  readonly backend: number;
  /** Int32: trials in flight, how often there were too many, and how often as many as allowed. */
  readonly seen: SharedArrayBuffer;
  readonly settings: typeof SETTINGS;
  readonly requests: number;
}

/** Runs in each thread: admits, holds, and ends requests at random, as fast as it can. */
function storm(loaded: typeof gateModules, order: ThreadOrder): { told: Record<string, number>; trials: number } {
  const told: Record<string, number> = {};
  const table = new loaded.GateTable(order.regions, order.worker, (_, event) => {
    const to = (event as { to: string }).to;
    told[to] = (told[to] ?? 0) + 1;
  });
  const breaker = new loaded.SharedBreaker(new loaded.GateMemory(table, order.backend, 0), order.settings);
  const seen = new Int32Array(order.seen);
  const held: number[] = [];
  let trials = 0;
  for (let admitted = 0; admitted < order.requests || held.length > 0;) {
    const ticket = admitted < order.requests ? breaker.admit() : -1;
    if (ticket !== -1) {
      admitted++;
      held.push(ticket);
      if ((ticket & 3) === 2) {
        trials++;
        const now = Atomics.add(seen, 0, 1) + 1;
        if (now > order.settings.maxTrials) Atomics.add(seen, 1, 1);
        if (now === order.settings.maxTrials) Atomics.add(seen, 2, 1);
      }
      if (held.length < 3) continue;
    }
    const ended = held.splice(Math.floor(Math.random() * held.length), 1)[0];
    if (ended === undefined) continue;
    if ((ended & 3) === 2) Atomics.sub(seen, 0, 1);
    const draw = Math.random();
    if (draw < 0.45) breaker.succeeded(ended);
    else if (draw < 0.95) breaker.failed(ended, 'reset');
    else breaker.withdrawn(ended);
  }
  return { told, trials };
}

test('in four threads at once there are never more trials than allowed, every turn is told once, and nothing is left over', async () => {
  const regions = createRegions(WORKERS);
  const seen = new SharedArrayBuffer(12);
  const settings = { threshold: 3, openMs: 1, maxTrials: 2, successThreshold: 2 };
  const orders = Array.from({ length: WORKERS }, (_, worker) => ({
    regions,
    worker,
    backend: BACKEND,
    seen,
    settings,
    requests: 1_000,
  }));
  const results = await inThreads(MODULES, orders, storm);
  const [inFlight, tooMany, full = 0] = new Int32Array(seen);
  assert.deepEqual([inFlight, tooMany], [0, 0]);
  assert.ok(full > 10, `${full} times as many trials as allowed`);
  const cells = new Int32Array(regions.gates);
  const start = gateStart(BACKEND);
  for (const [at, state] of [
    [1, 'open'],
    [2, 'half_open'],
    [0, 'closed'],
  ] as const) {
    const told = results.reduce((sum, { told: each }) => sum + (each[state] ?? 0), 0);
    assert.ok(told > 10, `${told} turns to ${state}`);
    assert.equal(cells[start + GATE.turns + at], told, state);
  }
  const rows = new Int32Array(regions.gateRows);
  for (let worker = 0; worker < WORKERS; worker++)
    assert.equal(rows[gateRowStart(worker, BACKEND) + GATE_ROW.trials], 0);
});

test('of failures that four threads tell at once, exactly as many as the threshold says open it', async () => {
  for (const [missing, state] of [
    [1, 'closed'],
    [0, 'open'],
  ] as const) {
    const regions = createRegions(WORKERS);
    const settings = { ...SETTINGS, threshold: WORKERS * 100_000 + missing };
    const orders = Array.from({ length: WORKERS }, (_, worker) => ({ regions, worker, settings }));
    const told = await inThreads(MODULES, orders, (loaded: typeof gateModules, order: (typeof orders)[number]) => {
      let turns = 0;
      const table = new loaded.GateTable(order.regions, order.worker, () => void turns++);
      const breaker = new loaded.SharedBreaker(new loaded.GateMemory(table, 5, 0), order.settings);
      const ticket = breaker.admit();
      for (let i = 0; i < 100_000; i++) breaker.failed(ticket, 'reset');
      return turns;
    });
    const table = new GateTable(regions, -1, () => undefined);
    const breaker = new SharedBreaker(new GateMemory(table, BACKEND, 0), settings);
    assert.equal(breaker.state, state);
    assert.equal(
      told.reduce((sum, each) => sum + each, 0),
      1 - missing,
    );
  }
});
