import assert from 'node:assert/strict';
import test from 'node:test';

import { DURATION_BUCKETS } from './families.ts';
import { coarseCounts, FINE_INFINITE, FINE_SLOTS, fineBoundOf, fineQuantile, fineSlotOf } from './fine-histogram.ts';

function histogramOf(values: readonly number[]): Float64Array {
  const counts = new Float64Array(FINE_SLOTS);
  for (const value of values) counts[fineSlotOf(value)] = (counts[fineSlotOf(value)] as number) + 1;
  return counts;
}

test('a value counts in the slot whose bounds enclose it, the upper one included', () => {
  for (let slot = 0; slot < FINE_INFINITE; slot++) {
    const low = slot === 0 ? 0 : fineBoundOf(slot - 1);
    const high = fineBoundOf(slot);
    assert.ok(high > low);
    assert.equal(fineSlotOf((low + high) / 2), slot);
  }
  assert.equal(fineSlotOf(0), 0);
  assert.equal(fineSlotOf(-1), 0, 'a clock that went back');
  assert.equal(fineSlotOf(120.1), FINE_INFINITE);
});

test('the exposed buckets count exactly what a histogram with their bounds would count', () => {
  const values = [0, 0.0004, 0.001, 0.0010001, 0.01, 0.0999, 0.1, 1, 1.00001, 9.9, 10, 10.1, 31, 500];
  const expected = [...DURATION_BUCKETS, Infinity].map(
    (bound, i) => values.filter((value) => value <= bound && value > (DURATION_BUCKETS[i - 1] ?? -1)).length,
  );
  assert.deepEqual(coarseCounts(histogramOf(values)), expected);
});

test('a quantile is off by no more than its slot is wide', () => {
  const values = Array.from({ length: 10_000 }, (_, i) => 0.002 + (i / 10_000) * 0.3);
  const counts = histogramOf(values);
  for (const quantile of [0.01, 0.5, 0.95, 0.99, 1]) {
    const exact = values[Math.max(0, Math.ceil(quantile * values.length) - 1)] as number;
    const slot = fineSlotOf(exact);
    const width = fineBoundOf(slot) - (slot === 0 ? 0 : fineBoundOf(slot - 1));
    assert.ok(Math.abs(fineQuantile(counts, quantile) - exact) <= width, `quantile ${quantile}`);
  }
});

test('a quantile of nothing is NaN, one beyond all bounds the highest of them', () => {
  assert.equal(fineQuantile(new Float64Array(FINE_SLOTS), 0.5), NaN);
  assert.equal(fineQuantile(histogramOf([300]), 0.5), 120);
});
