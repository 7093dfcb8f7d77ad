import type { FileResult, TestOutcome } from './run-tests-file.ts';

/** Sums over all files. */
export interface OutcomeCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A skip whose reason begins so names a program that the machine lacks. */
const MISSING_PREFIX = 'missing:';

/**
 * Counts outcomes. With `isMissingFailure` (in CI) a test skipped for a missing program counts as failed: a green run must
 * mean that everything ran.
 */
export function countOutcomes(results: readonly FileResult[], isMissingFailure: boolean): OutcomeCounts {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { outcomes } of results) {
    for (const outcome of outcomes) counts[isMissingFailure && isMissing(outcome) ? 'failed' : outcome.kind] += 1;
  }
  return counts;
}

/** The line of the whole run, exactly `N passed, N failed, N skipped`. */
export function formatSummary({ passed, failed, skipped }: OutcomeCounts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** One line for a file without failures; for others its failures in full and what it printed. */
export function formatFile({ file, outcomes, output, durationMs }: FileResult): string {
  const failures = outcomes.filter((outcome) => outcome.kind === 'failed');
  const line = `${failures.length === 0 ? 'ok  ' : 'FAIL'} ${file} (${outcomes.length} tests, ${Math.round(durationMs)} ms)\n`;
  if (failures.length === 0) return line;
  const details = failures.map(({ name, where, text }) => `\n  ✖ ${name}\n    ${where}\n${indent(text)}\n`);
  const printed = output === '' ? '' : `\n  printed by ${file}:\n${indent(output)}\n`;
  return `${line}${details.join('')}${printed}\n`;
}

/** Every skipped test with its reason, so that a skip is never silent; empty without any. */
export function formatSkipped(results: readonly FileResult[], isMissingFailure: boolean): string {
  const skipped = results.flatMap(({ outcomes }) => outcomes.filter((outcome) => outcome.kind === 'skipped'));
  return skipped
    .map((outcome) => {
      const verdict = isMissingFailure && isMissing(outcome) ? 'FAIL (skipped, in CI a failure)' : 'skipped';
      return `${verdict}: ${outcome.name}${outcome.text === '' ? '' : `: ${outcome.text}`}\n`;
    })
    .join('');
}

function isMissing(outcome: TestOutcome): boolean {
  return outcome.kind === 'skipped' && outcome.text.startsWith(MISSING_PREFIX);
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '    ');
}
