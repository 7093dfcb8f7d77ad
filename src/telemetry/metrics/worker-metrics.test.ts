import assert from 'node:assert/strict';
import test from 'node:test';

import { CounterReader, SeriesDirectory, type SeriesKey } from '../../shared-memory/counters.ts';
import { PathTable, RAW_PATH_LIMIT } from '../../shared-memory/path-table.ts';
import { createRegions, type Regions } from '../../shared-memory/regions.ts';
import { FAMILY, LABEL_OTHER, methodIndexOf, RAW_PATH_FIRST } from './families.ts';
import { FINE_INFINITE, FINE_SLOTS, FINE_SUM } from './fine-histogram.ts';
import { WorkerMetrics } from './worker-metrics.ts';

const GET = methodIndexOf('GET');

/** Sum over all workers of a slot of a series. */
function valueOf(regions: Regions, key: SeriesKey, width: number, offset = 0): number {
  return new CounterReader(regions).sum(new SeriesDirectory(regions).slotOf(key, width) + offset);
}

test('every answer counts once in its counter and once in its histogram, over all workers', () => {
  const regions = createRegions(2);
  for (const row of [0, 1]) {
    const route = new WorkerMetrics(regions, row).route(3);
    route.record(GET, 200, 0.02);
    route.record(GET, 503, 20);
  }
  assert.equal(valueOf(regions, { family: FAMILY.requests, a: 3, b: GET, c: 200 }, 1), 2);
  assert.equal(valueOf(regions, { family: FAMILY.requests, a: 3, b: GET, c: 503 }, 1), 2);
  const durations = { family: FAMILY.requestDuration, a: 3, b: GET, c: 0 };
  assert.deepEqual(
    [3, 12, 13].map((offset) => valueOf(regions, durations, 14, offset)),
    [2, 2, 40.04],
  );
});

test('a failed attempt counts by its status and leaves the response times alone', () => {
  const regions = createRegions(1);
  const backend = new WorkerMetrics(regions, 0).backend(1);
  backend.record(200, 0.5);
  backend.record(502, -1);
  backend.record(504, 300);
  const requests = (c: number): number => valueOf(regions, { family: FAMILY.backendRequests, a: 1, b: 0, c }, 1);
  assert.deepEqual([200, 502, 504].map(requests), [1, 1, 1]);
  const durations = { family: FAMILY.backendDuration, a: 1, b: 0, c: 0 };
  const counts = Array.from({ length: FINE_INFINITE + 1 }, (_, slot) => valueOf(regions, durations, FINE_SLOTS, slot));
  assert.equal(
    counts.reduce((sum, each) => sum + each, 0),
    2,
  );
  assert.equal(counts[FINE_INFINITE], 1);
  assert.equal(valueOf(regions, durations, FINE_SLOTS, FINE_SUM), 300.5);
});

test('bodies count by their size and method, the upper bound included', () => {
  const regions = createRegions(1);
  const { sizes } = new WorkerMetrics(regions, 0);
  sizes?.record(GET, 0, 100);
  sizes?.record(GET, 101, 5e9);
  const value = (family: number, offset: number): number => valueOf(regions, { family, a: 0, b: GET, c: 0 }, 9, offset);
  assert.deepEqual(
    [0, 1, 7, 8].map((offset) => value(FAMILY.requestSize, offset)),
    [1, 1, 0, 101],
  );
  assert.deepEqual(
    [0, 1, 7, 8].map((offset) => value(FAMILY.responseSize, offset)),
    [1, 0, 1, 5_000_000_100],
  );
});

test('RWWWRSE_METRICS_ENABLED=false: nothing is written', () => {
  const regions = createRegions(1);
  const metrics = new WorkerMetrics(regions, 0, { enabled: false, detailed: true });
  const before = new SeriesDirectory(regions).size;
  metrics.route(1).record(GET, 200, 1);
  metrics.backend(1).record(200, 1);
  assert.deepEqual([metrics.rawPaths, metrics.sizes], [null, null]);
  assert.equal(new SeriesDirectory(regions).size, before);
});

test('raw paths have series only with RWWWRSE_DETAILED_METRICS, and beyond the limit count as other', () => {
  const regions = createRegions(1);
  assert.equal(new WorkerMetrics(regions, 0).rawPaths, null);
  const { rawPaths } = new WorkerMetrics(regions, 0, { enabled: true, detailed: true });
  assert.ok(rawPaths !== null);
  for (let i = 0; i < RAW_PATH_LIMIT + 7; i++) rawPaths.of(`/users/${i}`).record(GET, 200, 0.1);
  rawPaths.of('/users/3').record(GET, 200, 0.1);
  const index = RAW_PATH_FIRST + new PathTable(regions).indexOf('/users/3');
  assert.equal(valueOf(regions, { family: FAMILY.requests, a: index, b: GET, c: 200 }, 1), 2);
  assert.equal(valueOf(regions, { family: FAMILY.requests, a: LABEL_OTHER, b: GET, c: 200 }, 1), 7);
  assert.equal(rawPaths.of('/users/3'), rawPaths.of('/users/3'));
});
