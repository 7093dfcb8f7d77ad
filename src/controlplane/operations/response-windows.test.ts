import assert from 'node:assert/strict';
import test from 'node:test';

import { FINE_SLOTS, fineSlotOf } from '../../telemetry/metrics/fine-histogram.ts';
import { ResponseWindows } from './response-windows.ts';

const MINUTE_MS = 60_000;
const SLOT = 1;

test('quantiles forget what was counted more than ten minutes ago', () => {
  const counts = new Float64Array(FINE_SLOTS);
  const count = (seconds: number, times: number): void => {
    counts[fineSlotOf(seconds)] = (counts[fineSlotOf(seconds)] as number) + times;
  };
  const windows = new ResponseWindows(0);
  const median = (): number => windows.quantiles([SLOT], counts, [0.5])[0] as number;
  assert.equal(median(), NaN);
  count(5, 1_000);
  assert.ok(median() > 2.5);
  for (let minute = 1; minute <= 9; minute++) windows.rotate(minute * MINUTE_MS, [[SLOT, counts]]);
  count(0.003, 10);
  assert.ok(median() > 2.5, 'nine minutes ago is still in the window');
  for (let minute = 10; minute <= 12; minute++) windows.rotate(minute * MINUTE_MS, [[SLOT, counts]]);
  assert.ok(median() < 0.005, String(median()));
  for (let minute = 13; minute <= 30; minute++) windows.rotate(minute * MINUTE_MS, [[SLOT, counts]]);
  assert.equal(median(), NaN, 'nothing was counted in the last ten minutes');
});
