import assert from 'node:assert/strict';
import test from 'node:test';

import fc from 'fast-check';

import type * as gateModules from '../../tests/support/gate-modules.ts';
import { inThreads } from '../../tests/support/in-threads.ts';
import { SharedEjection } from './ejection.ts';
import { GATE, GATE_ENTRIES, gateStart } from './gate-cells.ts';
import { type GateEvent, GateMemory, GateTable } from './gate-memory.ts';
import { createRegions, type Regions } from './regions.ts';

const SETTINGS = {
  consecutiveFailures: 3,
  failureShare: 0,
  windowMs: 10_000,
  minRequests: 10,
  ejectMs: 1_000,
  maxEjectMs: 2_500,
  maxEjectedShare: 0.5,
};
type Settings = typeof SETTINGS;

/** A group of backends as three workers see it, at a time that the test sets. */
class Stage {
  nowMs = 5_000_000;
  readonly told: (GateEvent & { backend: number })[] = [];
  readonly peers: readonly number[];
  readonly regions: Regions = createRegions(3);
  private readonly tables: readonly GateTable[];
  private readonly settings: Settings;

  constructor(size: number, changes: Partial<Settings> = {}) {
    this.settings = { ...SETTINGS, ...changes };
    this.peers = Array.from({ length: size }, (_, backend) => backend);
    this.tables = [-1, 0, 1, 2].map(
      (worker) =>
        new GateTable(
          this.regions,
          worker,
          (backend, event) => this.told.push({ ...event, backend }),
          () => this.nowMs,
        ),
    );
  }

  /** One backend; by default as main sees it. */
  of(backend: number, worker = -1): SharedEjection {
    return new SharedEjection(new GateMemory(this.tables[worker + 1] as GateTable, backend, 0), this.settings);
  }

  fail(backend: number, times: number): void {
    for (let i = 0; i < times; i++) this.of(backend, i % 3).failed('reset', this.peers);
  }

  succeed(backend: number, times: number): void {
    for (let i = 0; i < times; i++) this.of(backend, i % 3).succeeded();
  }

  get ejected(): number[] {
    return this.peers.filter((backend) => this.of(backend).isEjected);
  }
}

test('failures in a row over all workers eject a backend; a success between them does not let them add up', () => {
  const stage = new Stage(3);
  stage.fail(1, 2);
  stage.succeed(1, 1);
  stage.fail(1, 2);
  assert.deepEqual(stage.ejected, []);
  stage.fail(1, 1);
  assert.deepEqual(stage.ejected, [1]);
  assert.deepEqual(stage.told, [
    { kind: 'ejected', cause: 'consecutive_failures', failures: 3, reason: 'reset', ejectedMs: 1_000, backend: 1 },
  ]);
});

test('it comes back when its time is over, whoever looks, and that is told once', () => {
  const stage = new Stage(3);
  stage.fail(0, 3);
  assert.equal(stage.of(0).remainingMs, 1_000);
  stage.nowMs += 999;
  assert.deepEqual(stage.ejected, [0]);
  stage.nowMs += 1;
  for (let worker = 0; worker < 3; worker++) assert.equal(stage.of(0, worker).isEjected, false);
  stage.of(0).sweep();
  assert.deepEqual(
    stage.told.map(({ kind }) => kind),
    ['ejected', 'returned'],
  );
  stage.fail(0, 2);
  assert.deepEqual(stage.ejected, [], 'it begins anew');
});

test('main brings it back when nobody looks', () => {
  const stage = new Stage(2);
  stage.fail(0, 3);
  const { length } = stage.told;
  stage.of(0).sweep();
  assert.equal(stage.told.length, length);
  stage.nowMs += 1_000;
  stage.of(0).sweep();
  assert.deepEqual(stage.told.at(-1), { kind: 'returned', backend: 0 });
});

test('every further ejection takes longer, up to the limit; time in service makes the next one shorter again', () => {
  const stage = new Stage(3);
  const lengths: number[] = [];
  const ejectAgain = (): void => {
    stage.fail(2, 3);
    lengths.push(stage.of(2).remainingMs);
    stage.nowMs += stage.of(2).remainingMs;
    stage.of(2).sweep();
  };
  for (let i = 0; i < 4; i++) ejectAgain();
  assert.deepEqual(lengths, [1_000, 2_000, 2_500, 2_500]);
  stage.nowMs += 2_998;
  ejectAgain();
  stage.nowMs += 10_000;
  stage.of(2).sweep();
  ejectAgain();
  assert.deepEqual(lengths.slice(4), [2_500, 1_000], 'the fourth less two is two, and one more');
});

test('a share of failures ejects, from the least number of requests on, within a window that begins with a failure', () => {
  const stage = new Stage(3, { consecutiveFailures: 0, failureShare: 0.5 });
  stage.succeed(0, 1_000);
  stage.fail(0, 1);
  stage.succeed(0, 5);
  stage.fail(0, 3);
  assert.deepEqual(stage.ejected, [], 'four of nine, and nine are too few');
  stage.succeed(0, 1);
  stage.fail(0, 1);
  assert.deepEqual(stage.ejected, [], 'five of eleven are too small a share');
  stage.fail(0, 1);
  assert.deepEqual(stage.ejected, [0]);
  assert.deepEqual(stage.told, [
    {
      kind: 'ejected',
      cause: 'failure_share',
      failures: 6,
      requests: 12,
      reason: 'reset',
      ejectedMs: 1_000,
      backend: 0,
    },
  ]);
});

test('failures of an old window do not count', () => {
  const stage = new Stage(3, { consecutiveFailures: 0, failureShare: 0.5, minRequests: 4 });
  stage.fail(0, 3);
  stage.nowMs += 10_004;
  stage.fail(0, 3);
  assert.deepEqual(stage.ejected, []);
  stage.fail(0, 1);
  assert.deepEqual(stage.ejected, [0]);
});

test('a window that a dead thread had begun to begin is begun anew', () => {
  const stage = new Stage(3, { consecutiveFailures: 0, failureShare: 0.5, minRequests: 2 });
  Atomics.store(new Int32Array(stage.regions.gates), gateStart(0) + GATE.windowAt, 1);
  stage.fail(0, 10);
  assert.deepEqual(stage.ejected, []);
  const main = stage.of(0);
  main.sweep();
  main.sweep();
  stage.fail(0, 2);
  assert.deepEqual(stage.ejected, [0]);
});

test('a lone backend is never ejected, one of two always may be, of more only the share', () => {
  for (const [size, share, expected] of [
    [1, 1, 0],
    [2, 0, 1],
    [3, 0.5, 1],
    [4, 0.5, 2],
    [10, 0.3, 3],
    [100, 0.29, 29],
    [3, 1, 3],
  ] as const) {
    const stage = new Stage(size, { maxEjectedShare: share });
    for (const backend of stage.peers) stage.fail(backend, 5);
    assert.equal(stage.ejected.length, expected, `${share} of ${size}`);
  }
});

test('a backend that could not be ejected is as soon as another one is back', () => {
  const stage = new Stage(3);
  stage.fail(0, 3);
  stage.fail(1, 10);
  assert.deepEqual(stage.ejected, [0]);
  stage.nowMs += 1_000;
  stage.fail(1, 1);
  assert.deepEqual(stage.ejected, [1]);
});

test('what happens during an ejection does not make it longer, and is no failure afterwards', () => {
  const stage = new Stage(3);
  stage.fail(0, 50);
  assert.equal(stage.of(0).remainingMs, 1_000);
  stage.nowMs += 1_000;
  stage.of(0).sweep();
  stage.fail(0, 2);
  assert.deepEqual(stage.ejected, []);
});

test('an operator brings a backend back', () => {
  const stage = new Stage(3);
  stage.fail(0, 3);
  stage.of(0).reset();
  assert.deepEqual(stage.ejected, []);
  stage.fail(0, 3);
  assert.equal(stage.of(0).remainingMs, 1_000, 'and its ejections are forgotten');
});

test('never is more than the share ejected, whatever happens in whatever order', () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ backend: fc.nat(9), times: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 2, arbitrary: fc.record({ waitMs: fc.integer({ min: 1, max: 1_500 }) }) },
    { weight: 2, arbitrary: fc.record({ back: fc.nat(9) }) },
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 0, max: 10 }),
      fc.array(step, { maxLength: 60 }),
      (size, tenths, steps) => {
        const stage = new Stage(size, { maxEjectedShare: tenths / 10 });
        const allowed = size === 1 ? 0 : Math.max(1, Math.floor((size * tenths) / 10));
        for (const each of steps) {
          if ('waitMs' in each) stage.nowMs += each.waitMs;
          else if ('back' in each) stage.of(each.back % size).reset();
          else stage.fail(each.backend % size, each.times);
          assert.ok(stage.ejected.length <= allowed, `${stage.ejected.length} of ${size} at ${tenths} tenths`);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('threads that eject different backends of a group at the same moment never eject one too many', async () => {
  const regions = createRegions(4);
  const settings = { ...SETTINGS, consecutiveFailures: 1, ejectMs: 60_000, maxEjectMs: 60_000 };
  const groups = 800;
  const gate = new SharedArrayBuffer(4);
  const ejections = await inThreads(
    new URL('../../tests/support/gate-modules.ts', import.meta.url),
    Array.from({ length: 4 }, (_, worker) => ({ regions, worker, settings, groups, gate })),
    (loaded: typeof gateModules, order) => {
      let ejected = 0;
      const table = new loaded.GateTable(order.regions, order.worker, () => void ejected++);
      const policy = { breaker: null, passiveHealth: order.settings, slowStartMs: 0 };
      const arrived = new Int32Array(order.gate);
      for (let group = 0; group < order.groups; group++) {
        const peers = [0, 1, 2, 3].map((member) => group * 4 + member);
        const own = new loaded.BackendGate(table, peers[order.worker] as number, policy);
        const all = (group + 1) * 4;
        if (Atomics.add(arrived, 0, 1) + 1 === all) Atomics.notify(arrived, 0);
        for (let there = Atomics.load(arrived, 0); there < all; there = Atomics.load(arrived, 0))
          Atomics.wait(arrived, 0, there, 20);
        own.failed(0, 'reset', peers);
      }
      return ejected;
    },
  );
  const table = new GateTable(regions, -1, () => undefined);
  let total = 0;
  for (let group = 0; group < groups; group++) {
    const members = [0, 1, 2, 3].map((member) => new GateMemory(table, group * 4 + member, 0));
    const out = members.filter((memory) => memory.load(GATE.ejectedUntil) !== 0).length;
    assert.ok(out <= 2, `${out} of group ${group}`);
    total += out;
  }
  assert.equal(
    ejections.reduce((sum, each) => sum + each, 0),
    total,
    'each was told once',
  );
  assert.ok(total > groups, `${total} ejections`);
});

test('a backend of the group that has no gate, being one too many, is no hindrance', () => {
  const stage = new Stage(1);
  for (let i = 0; i < 3; i++) stage.of(0).failed('backend_timeout', [0, GATE_ENTRIES]);
  assert.equal(stage.of(0).isEjected, true);
});
