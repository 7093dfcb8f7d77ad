import assert from 'node:assert/strict';
import test from 'node:test';

import { readAllowance, workerCount, workerHeapMib } from './worker-count.ts';

const MIB = 1_048_576;
const PLENTY = 64 * 1_024 * MIB;

test('workers = min(cores, CPU quota, (memory - 160 MiB) / 64 MiB), at least 1 (DESIGN.md 4)', () => {
  const cases: readonly (readonly [cores: number, cpuQuota: number | null, memoryMib: number, workers: number])[] = [
    [1, null, 65_536, 1],
    [8, null, 65_536, 8],
    [8, 3, 65_536, 3],
    [8, 2.9, 65_536, 2],
    [8, 0.5, 65_536, 1],
    [2, 16, 65_536, 2],
    [8, null, 160 + 64 * 4, 4],
    [8, null, 160 + 64 * 4 - 1, 3],
    [8, null, 160, 1],
    [8, null, 32, 1],
    [8, 6, 160 + 64 * 2, 2],
  ];
  for (const [cores, cpuQuota, memoryMib, workers] of cases)
    assert.equal(
      workerCount({ cores, cpuQuota, memoryBytes: memoryMib * MIB }),
      workers,
      `${cores} cores, quota ${cpuQuota}, ${memoryMib} MiB`,
    );
});

test("a worker's heap is three quarters of its share of the memory, between 64 MiB and 1 GiB", () => {
  const heap = (memoryMib: number, workers: number): number =>
    workerHeapMib({ cores: 8, cpuQuota: null, memoryBytes: memoryMib * MIB }, workers);
  assert.equal(heap(160 + 800, 2), 300);
  assert.equal(heap(160 + 800, 4), 150);
  assert.equal(heap(160, 1), 64);
  assert.equal(heap(65_536, 2), 1_024);
});

test('the heaps of all workers and the base fit into the memory of every container that the formula gives a second worker', () => {
  for (let memoryMib = 160 + 128; memoryMib < 8_192; memoryMib += 37) {
    const allowance = { cores: 64, cpuQuota: null, memoryBytes: memoryMib * MIB };
    const workers = workerCount(allowance);
    const heap = workerHeapMib(allowance, workers);
    assert.ok(heap === 64 || heap * workers + 160 <= memoryMib, `${memoryMib} MiB: ${workers} workers of ${heap} MiB`);
  }
});

test('the allowance of this machine is at least one core and some memory', () => {
  const allowance = readAllowance();
  assert.ok(allowance.cores >= 1);
  assert.ok(allowance.memoryBytes > 0 && allowance.memoryBytes < PLENTY * 1_024);
  assert.ok(workerCount(allowance) >= 1);
});
