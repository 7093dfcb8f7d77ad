import assert from 'node:assert/strict';
import test from 'node:test';

import { BackendGates } from './backend-gates.ts';
import { REFUSED, SharedBreaker } from './breaker.ts';
import { SharedEjection } from './ejection.ts';
import { GateMemory, GateTable } from './gate-memory.ts';
import { createRegions } from './regions.ts';

const BACKEND = 5;
const PEERS = [4, 5, 6, 7];
const BREAKER = { threshold: 1, openMs: 1_000, maxTrials: 1, successThreshold: 2 };
const EJECTION = {
  consecutiveFailures: 1,
  failureShare: 0,
  windowMs: 10_000,
  minRequests: 10,
  ejectMs: 60_000,
  maxEjectMs: 300_000,
  maxEjectedShare: 0.25,
};

/** What a worker does to shared memory. */
const STEPS = ['swap', 'add', 'store', 'holdTrial', 'dropTrials'] as const;

class Death extends Error {}

/** The memory of a worker that is ended before its `nth` step, or right after it: `terminate` does not ask where a thread is. */
function mortal(table: GateTable, nth: number, isAfter: boolean): { memory: GateMemory; hasDied: () => boolean } {
  const memory = new GateMemory(table, BACKEND, 0);
  let left = nth;
  let died = false;
  const die = (): void => {
    died = true;
    throw new Death();
  };
  for (const name of STEPS) {
    const step: (...values: number[]) => unknown = memory[name].bind(memory);
    Object.defineProperty(memory, name, {
      value: (...values: number[]) => {
        if (--left === 0 && !isAfter) die();
        const result = step(...values);
        if (left === 0 && isAfter) die();
        return result;
      },
    });
  }
  return { memory, hasDied: () => died };
}

/** Runs `life` again and again, each time on fresh memory and with another end, until it ends by itself. */
function everyDeath(life: (stage: ReturnType<typeof createStage>, memory: GateMemory) => void, check: Check): number {
  let deaths = 0;
  for (const isAfter of [false, true]) {
    for (let nth = 1; ; nth++) {
      assert.ok(nth < 100);
      const stage = createStage();
      const { memory, hasDied } = mortal(stage.tableOf(0), nth, isAfter);
      try {
        life(stage, memory);
      } catch (error) {
        if (!(error instanceof Death)) throw error;
      }
      if (!hasDied()) break;
      deaths++;
      new BackendGates(stage.regions).reclaim(0);
      check(stage, `dies ${isAfter ? 'after' : 'before'} step ${nth}`);
    }
  }
  return deaths;
}

type Check = (stage: ReturnType<typeof createStage>, when: string) => void;

/** A backend in shared memory, at a time that the test sets. */
function createStage() {
  const time = { nowMs: 3_000_000 };
  const regions = createRegions(2);
  const tableOf = (worker: number): GateTable =>
    new GateTable(
      regions,
      worker,
      () => undefined,
      () => time.nowMs,
    );
  const breakerOf = (worker: number): SharedBreaker =>
    new SharedBreaker(new GateMemory(tableOf(worker), BACKEND, 0), BREAKER);
  const ejectionOf = (worker: number, backend = BACKEND): SharedEjection =>
    new SharedEjection(new GateMemory(tableOf(worker), backend, 0), EJECTION);
  return { time, regions, tableOf, breakerOf, ejectionOf };
}

test('wherever a worker dies in a trial, its place is free again, and there is never one too many', () => {
  const ends = [
    (breaker: SharedBreaker, ticket: number) => breaker.succeeded(ticket),
    (breaker: SharedBreaker, ticket: number) => breaker.failed(ticket, 'reset'),
    (breaker: SharedBreaker, ticket: number) => breaker.withdrawn(ticket),
    (breaker: SharedBreaker) => breaker.leave(),
  ];
  for (const end of ends) {
    const deaths = everyDeath(
      ({ time, breakerOf }, memory) => {
        const other = breakerOf(1);
        other.failed(other.admit(), 'reset');
        time.nowMs += BREAKER.openMs;
        other.sweep();
        const breaker = new SharedBreaker(memory, BREAKER);
        const ticket = breaker.admit();
        assert.notEqual(ticket, REFUSED);
        end(breaker, ticket);
      },
      ({ time, breakerOf }, when) => {
        time.nowMs += BREAKER.openMs;
        const other = breakerOf(1);
        assert.notEqual(other.admit(), REFUSED, when);
        assert.equal(other.state, 'half_open', when);
        assert.equal(other.admit(), REFUSED, when);
      },
    );
    assert.ok(deaths >= 4, `${deaths} deaths`);
  }
});

test('wherever a worker dies while it ejects a backend, others of the group can be ejected once main has looked twice', () => {
  const deaths = everyDeath(
    (_, memory) => new SharedEjection(memory, EJECTION).failed('reset', PEERS),
    ({ time, ejectionOf }, when) => {
      const [main, other, peer] = [ejectionOf(-1), ejectionOf(1), ejectionOf(1, 6)];
      for (let second = 0; second < 2; second++) {
        main.sweep();
        time.nowMs += 1_000;
      }
      peer.failed('reset', PEERS);
      assert.equal(peer.isEjected, !other.isEjected, when);
    },
  );
  assert.ok(deaths >= 8, `${deaths} deaths`);
});
