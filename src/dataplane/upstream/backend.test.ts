import assert from 'node:assert/strict';
import test from 'node:test';

import type { ErrorCode } from '../../base/errors/catalogue.ts';
import { type BackendFacts, BackendFactsTable } from '../../shared-memory/backend-facts.ts';
import { BackendGate, type GatePolicy } from '../../shared-memory/backend-gate.ts';
import { GateTable } from '../../shared-memory/gate-memory.ts';
import { createRegions } from '../../shared-memory/regions.ts';
import { WorkerMetrics } from '../../telemetry/metrics/worker-metrics.ts';
import { type AdmittedAttempt, NO_TICKET } from '../exchange/upstream.ts';
import { OutcomeRecorder } from './backend-outcome.ts';
import { Backend } from './backend.ts';
import type { Pool } from './pool.ts';

/** A backend with a breaker, whose pool is never asked. */
function stage(hasAddress = true) {
  const time = { nowMs: 1_000_000 };
  const regions = createRegions(1);
  const table = new GateTable(
    regions,
    0,
    () => undefined,
    () => time.nowMs,
  );
  const policy: GatePolicy = {
    breaker: { threshold: 3, openMs: 1_000, maxTrials: 1, successThreshold: 2 },
    passiveHealth: null,
    slowStartMs: 0,
  };
  const gate = new BackendGate(table, 0, policy);
  const pool = { hasAddress, close: () => undefined } as unknown as Pool;
  const backend = new Backend({ name: 'http://a:1', authority: 'a:1', basePath: '' }, pool, {
    metrics: new WorkerMetrics(regions, 0).backend(0),
    outcomes: new OutcomeRecorder(new BackendFactsTable(regions, 0), 0),
    gate,
  });
  const admitted = (): AdmittedAttempt => {
    const attempt = { ticket: NO_TICKET, route: { peers: [0] } };
    assert.equal(backend.admit(attempt), true);
    return attempt;
  };
  const facts = (): BackendFacts | null => new BackendFactsTable(regions, -1).read(0);
  /** Who gets the place. */
  const heir = new BackendGate(table, 0, policy);
  return { backend, gate, admitted, time, facts, heir };
}

test('failures that the backend is to blame for open its breaker, answers of 502, 503 and 504 among them', () => {
  for (const outcome of ['backend_connect_refused', 'backend_timeout', 502, 503, 504] as const) {
    const { backend, gate, admitted } = stage();
    for (let i = 0; i < 3; i++) {
      assert.equal(gate.breaker.state, 'closed');
      if (typeof outcome === 'number') backend.answered(admitted(), outcome, 0.1);
      else backend.failed(admitted(), outcome, null, false);
    }
    assert.equal(gate.breaker.state, 'open', String(outcome));
    const refused = { ticket: NO_TICKET, route: { peers: [0] } };
    assert.deepEqual([backend.admit(refused), refused.ticket, backend.isAdmitting], [false, NO_TICKET, false]);
  }
});

test("neither answers of any other status nor what is the client's, the proxy's or the name server's count as failures", () => {
  const { backend, gate, admitted } = stage();
  const innocent: ErrorCode[] = [
    'backend_unresolved',
    'client_abort_waiting',
    'backend_pool_timeout',
    'route_timeout',
    'internal_defect',
  ];
  for (const code of innocent) for (let i = 0; i < 4; i++) backend.failed(admitted(), code, null, false);
  for (const status of [200, 404, 429, 500, 501]) for (let i = 0; i < 4; i++) backend.answered(admitted(), status, 0.1);
  for (let i = 0; i < 4; i++) backend.withdrawn(admitted());
  assert.deepEqual([gate.breaker.state, gate.breaker.failures], ['closed', 0]);
});

test('a success ends a row of failures, one that says nothing does not', () => {
  const { backend, gate, admitted } = stage();
  for (let i = 0; i < 2; i++) backend.failed(admitted(), 'backend_timeout', 1, false);
  backend.withdrawn(admitted());
  assert.equal(gate.breaker.failures, 2);
  backend.answered(admitted(), 200, 0.1);
  assert.equal(gate.breaker.failures, 0);
});

test('every way in which a trial ends makes room for the next one, once', () => {
  const ends: ((backend: Backend, attempt: AdmittedAttempt) => void)[] = [
    (backend, attempt) => backend.answered(attempt, 200, 0.1),
    (backend, attempt) => backend.withdrawn(attempt),
    (backend, attempt) => backend.failed(attempt, 'client_abort_waiting', null, false),
  ];
  for (const end of ends) {
    const { backend, gate, admitted, time } = stage();
    for (let i = 0; i < 3; i++) backend.failed(admitted(), 'backend_timeout', 1, false);
    time.nowMs += 1_000;
    const trial = admitted();
    assert.equal(backend.isAdmitting, false);
    end(backend, trial);
    assert.equal(trial.ticket, NO_TICKET);
    // Its body is cut after the head, or the client goes away: the trial is over already.
    backend.failed(trial, 'backend_body_incomplete', null, true);
    backend.withdrawn(trial);
    const next = admitted();
    assert.equal(backend.isAdmitting, false, 'one trial at a time, still');
    backend.withdrawn(next);
    assert.equal(gate.breaker.state, 'half_open');
  }
});

test('a backend that has left writes nothing to its place, which may be another’s; only who has nobody else asks it', () => {
  const { backend, gate, admitted, time, facts, heir } = stage();
  for (let i = 0; i < 3; i++) backend.failed(admitted(), 'backend_timeout', 1, false);
  time.nowMs += 1_000;
  const late = [admitted()];
  assert.equal(gate.breaker.state, 'half_open');
  const known = facts();
  backend.leave();
  assert.deepEqual([backend.isAvailable, backend.isAdmitting], [false, true]);
  late.push(admitted(), admitted(), admitted());
  const trial = heir.admit();
  assert.notEqual(trial, NO_TICKET, 'its trials are given back');
  for (const attempt of late) backend.failed(attempt, 'backend_timeout', 1, false);
  assert.equal(gate.breaker.state, 'half_open');
  assert.equal(heir.admit(), NO_TICKET, 'once');
  heir.succeeded(trial);
  heir.succeeded(heir.admit());
  assert.equal(gate.breaker.state, 'closed');
  for (let i = 0; i < 3; i++) backend.answered(admitted(), 503, 0.1);
  assert.equal(gate.breaker.state, 'closed');
  assert.deepEqual(facts(), known);
});

test('a backend without an address is unavailable, but would admit: the failure then says why', () => {
  const { backend } = stage(false);
  assert.deepEqual([backend.isAvailable, backend.isAdmitting], [false, true]);
});
