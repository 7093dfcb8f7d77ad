import type { IdleResult } from './idle-row.ts';
import type { LoadResult, Measured } from './load-row.ts';
import { IDLE_ROW } from './rows.ts';
import type { Estimate } from './statistics.ts';
import { judge } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** One bar with what was measured against it. */
export interface Bar {
  readonly row: string;
  /** What is measured, with the unit: `CPU per request ÷ nginx`. */
  readonly what: string;
  readonly figure: number | null;
  /** The interval of the figure, where it has one. */
  readonly interval: Estimate | null;
  readonly limit: number;
  readonly verdict: Verdict;
  /** Why there is no pass or miss, or how close it was. */
  readonly note: string;
}

const MB = 1e6;

/** The bars of one row under load: its CPU ratios, then its memory. */
export function judgeLoadRow(result: LoadResult): Bar[] {
  const ratios = Object.entries(result.row.ratioLimits).map(([peer, limit]) => judgeRatio(result, peer, limit));
  return [...ratios, judgeResident(result)];
}

/** The bar of the idle row. */
export function judgeIdleRow(result: IdleResult): Bar {
  const { candidate } = result;
  const figure = candidate.bytesPerConnection / 1000;
  const limit = IDLE_ROW.limitBytesPerConnection / 1000;
  const isScaledDown = candidate.connections < IDLE_ROW.connections;
  const notes = isScaledDown
    ? [...candidate.problems, `with ${candidate.connections} connections only`]
    : candidate.problems;
  return {
    row: IDLE_ROW.name,
    what: 'KB per idle connection',
    figure,
    interval: null,
    limit,
    verdict: judge({ figure, limit, control: 'unneeded', problems: candidate.problems }),
    note: notes.join('; '),
  };
}

function judgeRatio(result: LoadResult, peerName: string, limit: number): Bar {
  const peer = result.others.find((other) => other.name === peerName);
  const ratio = peer?.ratio ?? null;
  const problems = [...nameProblems(result.candidate), ...(peer === undefined ? [] : nameProblems(peer))];
  const judged = {
    figure: ratio?.median ?? null,
    limit,
    control: result.control,
    problems: peer === undefined ? [] : problems,
  };
  const verdict = judge(judged);
  return {
    row: result.row.name,
    what: `CPU per request ÷ ${peerName}`,
    figure: judged.figure,
    interval: ratio,
    limit,
    verdict,
    note: explainRatio(result, peer, { ratio, limit, verdict, problems }),
  };
}

function explainRatio(
  result: LoadResult,
  peer: Measured | undefined,
  judged: { ratio: Estimate | null; limit: number; verdict: Verdict; problems: readonly string[] },
): string {
  const { ratio, limit, verdict, problems } = judged;
  if (verdict === 'invalid') return problems.join('; ');
  if (peer === undefined) return 'the peer took no part';
  if (result.control === null) return 'no control: nginx took no part';
  if (verdict === 'not measurable now') return `control ${result.control.median.toFixed(3)} is outside 1 ± 0.05`;
  return ratio !== null && ratio.low <= limit && limit < ratio.high ? 'the interval holds the bar' : '';
}

function judgeResident(result: LoadResult): Bar {
  const { candidate, row } = result;
  const figure = largestResidentBytes(candidate) / MB;
  const limit = row.residentLimitBytes / MB;
  const verdict = judge({ figure, limit, control: 'unneeded', problems: candidate.problems });
  return {
    row: row.name,
    what: 'MB resident',
    figure,
    interval: null,
    limit,
    verdict,
    note: candidate.problems.join('; '),
  };
}

/** Largest resident memory that was seen of a program in its row; NaN without a slice. */
export function largestResidentBytes(measured: Measured): number {
  if (measured.slices.length === 0) return Number.NaN;
  return Math.max(...measured.slices.map((slice) => slice.residentBytes));
}

function nameProblems(measured: Measured): string[] {
  return measured.problems.map((problem) => `${measured.name}: ${problem}`);
}
