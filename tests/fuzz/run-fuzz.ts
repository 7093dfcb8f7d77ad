import { compareCase, type Difference, type FuzzCase } from './compare.ts';
import { generateCase } from './generate-case.ts';
import { minimise } from './minimise.ts';
import { randomOfCase } from './random.ts';

/** A difference that a run found, with a small case that shows it. */
export interface Finding {
  /** Index of the case in its run. */
  readonly index: number;
  readonly difference: Difference;
  readonly smallest: FuzzCase;
}

/** Figures of a run. */
export interface FuzzSummary {
  cases: number;
  bytes: number;
  /** Request and response heads that the proxy accepted. */
  headsAccepted: number;
  messagesCompleted: number;
  /** Cases that the proxy refused somewhere, by code. */
  readonly refusedByCode: Map<string, number>;
  /** Of these, cases that llhttp takes whole. */
  stricterThanLlhttp: number;
  /** Listed differences met, by id. */
  readonly knownDifferences: Map<string, number>;
  /** At most one per kind of difference. */
  readonly findings: Finding[];
}

/** Runs cases `0` to `cases - 1` of a seed. */
export function runFuzz(seed: number, cases: number, progress: (done: number) => void): FuzzSummary {
  const summary: FuzzSummary = {
    cases: 0,
    bytes: 0,
    headsAccepted: 0,
    messagesCompleted: 0,
    refusedByCode: new Map(),
    stricterThanLlhttp: 0,
    knownDifferences: new Map(),
    findings: [],
  };
  for (let index = 0; index < cases; index++) {
    runCase(generateCase(randomOfCase(seed, index)), index, summary);
    progress(index + 1);
  }
  return summary;
}

function runCase(input: FuzzCase, index: number, summary: FuzzSummary): void {
  const verdict = compareCase(input);
  summary.cases++;
  summary.bytes += input.text.length;
  summary.headsAccepted += verdict.accepted;
  summary.messagesCompleted += verdict.completed;
  if (verdict.refused !== null) raise(summary.refusedByCode, verdict.refused);
  if (verdict.stricter) summary.stricterThanLlhttp++;
  for (const id of verdict.known) raise(summary.knownDifferences, id);
  const { difference } = verdict;
  if (difference === null || summary.findings.some((finding) => finding.difference.what === difference.what)) return;
  const smallest = minimise(input, (candidate) => compareCase(candidate).difference?.what === difference.what);
  summary.findings.push({ index, difference: compareCase(smallest).difference ?? difference, smallest });
}

function raise(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
