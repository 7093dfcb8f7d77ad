import { largestResidentBytes } from './bars.ts';
import type { Bar } from './bars.ts';
import type { IdleMeasured, IdleResult } from './idle-row.ts';
import type { LoadResult, Measured } from './load-row.ts';
import { IDLE_ROW } from './rows.ts';
import type { Slice } from './slice.ts';
import { median } from './statistics.ts';
import type { Estimate } from './statistics.ts';
import type { TextTable } from './text-table.ts';

/** All that a run measured; a row that was left out is not there. */
export interface RunResult {
  readonly loadRows: readonly LoadResult[];
  readonly idleRow: IdleResult | null;
}

const HEAD = [
  'row',
  'proxy',
  'slices',
  'CPU µs/req',
  'req/s',
  'p50 ms',
  'p99 ms',
  'RSS MB',
  'CPU ratio [interval]',
  'note',
];
const NONE = '–';

/** The table of figures: medians over slices, the largest RSS, and the candidate's CPU time divided by each peer's. */
export function buildFigures(result: RunResult): TextTable {
  return { head: HEAD, rows: [...result.loadRows.flatMap(listLoadRow), ...listIdleRow(result.idleRow)] };
}

/** The table of bars. */
export function buildVerdicts(bars: readonly Bar[]): TextTable {
  const rows = bars.map((bar) => {
    const figure = bar.figure === null || Number.isNaN(bar.figure) ? NONE : bar.figure.toFixed(2);
    const shown = bar.interval === null ? figure : formatEstimate(bar.interval);
    return [bar.row, bar.what, shown, `≤ ${bar.limit.toFixed(2)}`, bar.verdict, bar.note];
  });
  return { head: ['row', 'bar', 'measured', 'limit', 'verdict', 'note'], rows };
}

function listLoadRow(result: LoadResult): string[][] {
  const { row, control } = result;
  const lines = [result.candidate, ...result.others].map((measured) => [row.name, ...listMeasured(measured)]);
  if (control === null) return lines;
  const empty = Array.from({ length: 5 }, () => NONE);
  return [...lines, [row.name, 'nginx ÷ nginx', String(control.count), ...empty, formatEstimate(control), 'control']];
}

function listMeasured(measured: Measured): string[] {
  const { slices, ratio } = measured;
  const middle = (read: (slice: Slice) => number): number => median(slices.map((slice) => read(slice)));
  const notes = [...measured.problems.map((problem) => `invalid: ${problem}`), ...measured.shortcuts];
  return [
    measured.name,
    String(slices.length),
    format(
      middle((slice) => slice.cpuUsPerRequest),
      1,
    ),
    format(
      middle((slice) => slice.requestsPerSecond),
      0,
    ),
    format(
      middle((slice) => slice.p50Ms),
      2,
    ),
    format(
      middle((slice) => slice.p99Ms),
      2,
    ),
    format(largestResidentBytes(measured) / 1e6, 1),
    ratio === null ? NONE : formatEstimate(ratio),
    notes.join('; '),
  ];
}

function listIdleRow(result: IdleResult | null): string[][] {
  return result === null ? [] : [result.candidate, ...result.others].map(listIdle);
}

function listIdle(idle: IdleMeasured): string[] {
  const empty = Array.from({ length: 5 }, () => NONE);
  const cost = `${format(idle.bytesPerConnection / 1000, 2)} KB each (${idle.connections} connections, ${format(idle.beforeBytes / 1e6, 1)} MB before)`;
  const note = idle.problems.length > 0 ? `invalid: ${idle.problems.join('; ')}` : cost;
  return [IDLE_ROW.name, idle.name, ...empty, format(idle.afterBytes / 1e6, 1), NONE, note];
}

function formatEstimate(estimate: Estimate): string {
  if (!Number.isFinite(estimate.median)) return NONE;
  const interval = `${estimate.median.toFixed(2)} [${estimate.low.toFixed(2)}, ${estimate.high.toFixed(2)}]`;
  return estimate.confidence >= 0.95 ? interval : `${interval} at ${Math.floor(estimate.confidence * 100)} %`;
}

function format(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : NONE;
}
