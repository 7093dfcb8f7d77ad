import { AssertionError } from 'node:assert';
import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import type { TestEvent } from 'node:test/reporters';

/** One line of the report that a test process writes to its report descriptor. */
export type ReportLine =
  | {
      readonly kind: 'passed' | 'failed' | 'skipped';
      readonly name: string;
      readonly where: string;
      readonly text: string;
    }
  /** What node:test itself says, such as an error thrown after the tests were over. */
  | { readonly kind: 'note'; readonly text: string }
  /** Written last; without it the process ended in the middle of its tests. */
  | { readonly kind: 'end' };

/** The environment variable that holds the number of the report descriptor. */
export const REPORT_FD_VARIABLE = 'RUN_TESTS_REPORT_FD';

/** The totals that node:test prints itself at the end. */
const TOTALS = /^(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;
const INTERNAL_FRAME = /^\s+at .*\bnode:(?:internal|async_hooks)\b/;

/**
 * A reporter for `node --test-reporter`: JSON lines on a descriptor of their own, since whatever a test prints goes to
 * standard output. A suite counts only when it fails by itself (a hook), not for the tests in it; a todo counts as skipped.
 */
// oxlint-disable-next-line import/no-default-export -- node loads a reporter by its default export
export default async function* reportLines(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const reportFd = Number(process.env[REPORT_FD_VARIABLE]);
  const names: string[] = [];
  for await (const event of events) {
    if (event.type === 'test:start') {
      names.length = event.data.nesting;
      names.push(event.data.name);
    }
    const line = toReportLine(event, names);
    if (line !== null) writeLine(reportFd, line);
  }
  writeLine(reportFd, { kind: 'end' });
  yield '';
}

function toReportLine(event: TestEvent, names: readonly string[]): ReportLine | null {
  if (event.type === 'test:diagnostic')
    return TOTALS.test(event.data.message) ? null : { kind: 'note', text: event.data.message };
  if (event.type !== 'test:pass' && event.type !== 'test:fail') return null;
  const { data } = event;
  const name = [...names.slice(0, data.nesting), data.name].join(' > ');
  const where = data.file === undefined ? '' : `${data.file}:${data.line ?? 0}`;
  const skipped = data.skip ?? data.todo;
  if (skipped !== undefined && skipped !== false) {
    return { kind: 'skipped', name, where, text: typeof skipped === 'string' ? skipped : '' };
  }
  if (event.type === 'test:pass')
    return data.details.type === 'suite' ? null : { kind: 'passed', name, where, text: '' };
  const { error } = event.data.details;
  const failureType = 'failureType' in error ? error.failureType : undefined;
  if (data.details.type === 'suite' && failureType === 'subtestsFailed') return null;
  return {
    kind: 'failed',
    name,
    where,
    text: failureType === 'subtestsFailed' ? error.message : describeError(error.cause ?? error),
  };
}

/** The error without the test runner's own stack frames, and an assertion without the fields its message already shows. */
function describeError(error: unknown): string {
  if (typeof error === 'string') return error;
  const text = error instanceof AssertionError ? (error.stack ?? error.message) : inspect(error);
  return text
    .split('\n')
    .filter((line) => !INTERNAL_FRAME.test(line))
    .join('\n');
}

function writeLine(reportFd: number, line: ReportLine): void {
  writeSync(reportFd, `${JSON.stringify(line)}\n`);
}
