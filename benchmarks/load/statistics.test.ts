import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimateMedian, median, pairRatios } from './statistics.ts';
import type { Estimate } from './statistics.ts';
import { isControlQuiet, judge } from './verdict.ts';

function control(value: number): Estimate {
  return { median: value, low: value, high: value, confidence: 0.95, count: 20 };
}

function oneTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

describe('median', () => {
  it('is the middle value whatever the order, and leaves the list as it was', () => {
    const values = [9, 1, 5];
    assert.equal(median(values), 5);
    assert.deepEqual(values, [9, 1, 5]);
  });
  it('is the mean of the two middle values of an even count', () => {
    assert.equal(median([10, 1, 2, 4]), 3);
  });
  it('sorts by value, not as text', () => {
    assert.equal(median([10, 9, 100]), 10);
  });
  it('is NaN for nothing', () => {
    assert.ok(Number.isNaN(median([])));
  });
});

describe('estimateMedian', () => {
  it('takes the 6th and the 15th of 20 values, which hold the median with 95.9 %', () => {
    const estimate = estimateMedian(oneTo(20).toReversed());
    assert.deepEqual([estimate.low, estimate.median, estimate.high, estimate.count], [6, 10.5, 15, 20]);
    assert.equal(estimate.confidence.toFixed(4), '0.9586');
  });
  it('reaches 95 % with six values only by their whole range', () => {
    const estimate = estimateMedian(oneTo(6));
    assert.deepEqual([estimate.low, estimate.high], [1, 6]);
    assert.equal(estimate.confidence, 0.96875);
  });
  it('says that four values are worth 87.5 %, not 95 %', () => {
    const estimate = estimateMedian([4, 1, 3, 2]);
    assert.deepEqual([estimate.low, estimate.high, estimate.confidence], [1, 4, 0.875]);
  });
  it('is not moved by one wild value', () => {
    const estimate = estimateMedian([...oneTo(19), 1e9]);
    assert.deepEqual([estimate.low, estimate.median, estimate.high], [6, 10.5, 15]);
  });
  it('collapses to the value when there is one, and is worth nothing', () => {
    assert.deepEqual(estimateMedian([3]), { median: 3, low: 3, high: 3, confidence: 0, count: 1 });
  });
  it('is NaN for nothing', () => {
    assert.ok(Number.isNaN(estimateMedian([]).median));
    assert.ok(Number.isNaN(estimateMedian([]).confidence));
  });
});

describe('pairRatios', () => {
  it('divides slice by slice, so that a drift common to a pair cancels', () => {
    assert.deepEqual(pairRatios([3, 30], [2, 20]), [1.5, 1.5]);
  });
  it('drops a slice that has no partner', () => {
    assert.deepEqual(pairRatios([3, 30, 5], [2, 20]), [1.5, 1.5]);
  });
});

describe('isControlQuiet', () => {
  it('holds within 5 % of 1, on both sides', () => {
    assert.deepEqual(
      [0.94, 0.951, 1, 1.049, 1.06].map((value) => isControlQuiet(control(value))),
      [false, true, true, true, false],
    );
  });
});

describe('judge', () => {
  const ratio = { figure: 1.4, limit: 1.5, control: control(1.01), problems: [] };
  it('passes a figure at the bar and misses one above', () => {
    assert.equal(judge({ ...ratio, figure: 1.5 }), 'pass');
    assert.equal(judge({ ...ratio, figure: 1.501 }), 'miss');
  });
  it('gives no verdict beside a control outside 1 ± 0.05, be the figure good or bad', () => {
    assert.equal(judge({ ...ratio, control: control(1.06) }), 'not measurable now');
    assert.equal(judge({ ...ratio, figure: 9, control: control(0.94) }), 'not measurable now');
  });
  it('never passes a ratio that had no control', () => {
    assert.equal(judge({ ...ratio, control: null }), 'not measured');
  });
  it('needs no control for what is no CPU ratio', () => {
    assert.equal(judge({ ...ratio, control: 'unneeded' }), 'pass');
  });
  it('never passes what was not measured', () => {
    assert.equal(judge({ ...ratio, figure: null }), 'not measured');
    assert.equal(judge({ ...ratio, figure: Number.NaN }), 'not measured');
  });
  it('never passes a row in which a request failed', () => {
    assert.equal(judge({ ...ratio, problems: ['3 responses that were not 2xx'] }), 'invalid');
  });
});
