import assert from 'node:assert/strict';
import test from 'node:test';

import { BACKEND_ENTRIES, BackendFactsTable, createBackendFactsRegion } from './backend-facts.ts';

const REFUSED = { status: 0, reason: 7 };

function workers(count: number): { tables: BackendFactsTable[]; reader: BackendFactsTable } {
  const regions = { workers: count, backendFacts: createBackendFactsRegion(count) };
  const tables = Array.from({ length: count }, (_, row) => new BackendFactsTable(regions, row));
  return { tables, reader: new BackendFactsTable(regions, -1) };
}

test('nothing is known of a backend before its first attempt ended', () => {
  assert.equal(workers(2).reader.read(0), null);
});

test('the newest outcome of any worker is the one that is told, the same to every reader', () => {
  const { tables, reader } = workers(2);
  tables[0]?.succeeded(3, 200, 5, 1_000);
  tables[1]?.succeeded(3, 404, 9, 2_000);
  tables[0]?.succeeded(4, 200, 1, 3_000);
  const expected = {
    atMs: 2_000,
    responseMs: 9,
    status: 404,
    reason: -1,
    consecutiveSuccesses: 2,
    consecutiveFailures: 0,
    lastFailures: 0,
  };
  for (const table of [...tables, reader]) assert.deepEqual(table.read(3), expected);
});

test('failures in a row count over all workers, and a success of any of them ends the row', () => {
  const { tables, reader } = workers(2);
  tables[0]?.succeeded(0, 200, 1, 1_000);
  tables[0]?.failed(0, REFUSED, 2, 1_000);
  tables[1]?.failed(0, REFUSED, 3, 1_001);
  assert.deepEqual(reader.read(0), {
    atMs: 1_001,
    responseMs: 3,
    status: 0,
    reason: 7,
    consecutiveSuccesses: 0,
    consecutiveFailures: 2,
    lastFailures: 2,
  });
  tables[1]?.succeeded(0, 200, 4, 1_001);
  assert.deepEqual(reader.read(0), {
    atMs: 1_001,
    responseMs: 4,
    status: 200,
    reason: -1,
    consecutiveSuccesses: 1,
    consecutiveFailures: 0,
    lastFailures: 2,
  });
  tables[0]?.failed(0, REFUSED, 2, 1_002);
  assert.equal(reader.read(0)?.consecutiveFailures, 1);
});

test('a backend beyond the room is not recorded, and nothing else is written in its place', () => {
  const { tables, reader } = workers(2);
  tables[0]?.succeeded(BACKEND_ENTRIES, 200, 1, 1_000);
  tables[0]?.failed(BACKEND_ENTRIES, REFUSED, 1, 1_000);
  assert.equal(reader.read(BACKEND_ENTRIES), null);
  assert.equal(reader.read(0), null);
});

test('the facts stay where a worker was replaced: the next one in its row counts on', () => {
  const regions = { workers: 1, backendFacts: createBackendFactsRegion(1) };
  new BackendFactsTable(regions, 0).succeeded(0, 200, 1, 1_000);
  const next = new BackendFactsTable(regions, 0);
  next.succeeded(0, 200, 1, 2_000);
  assert.equal(next.read(0)?.consecutiveSuccesses, 2);
});
