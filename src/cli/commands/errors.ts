import { type ErrorCode, errorEntry, type RetryClass } from '../../base/errors/catalogue.ts';
import { ERROR_CODES } from '../../base/errors/error-number.ts';
import { EXPLANATIONS } from '../../base/errors/explanations/explanations.ts';
import { type Fault, faultOf } from '../../base/errors/fault.ts';
import { nearestName } from '../../config/nearest-name.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT_OK } from '../exit-status.ts';
import { type CommandOutcome, jsonOutcome, usageOutcome } from '../outcome.ts';
import { columns } from '../text/columns.ts';
import type { Style } from '../text/style.ts';

/** A failure code with all that is known of it. */
interface ErrorReport {
  readonly code: ErrorCode;
  readonly status: number;
  readonly fault: Fault;
  /** What the client reads. */
  readonly text: string;
  readonly meaning: string;
  readonly advice: string;
  readonly retry: RetryClass;
}

const FAULTS: readonly Fault[] = ['client', 'backend', 'proxy'];
const HEAD = ['CODE', 'STATUS', 'FAULT', 'TEXT'];

/**
 * `rwwwrse errors [CODE]`: what a failure code means and what to do about it; without one, or with the beginning of several, a
 * list.
 */
export async function errors(
  asked: string | undefined,
  isJson: boolean,
  { style }: CommandContext,
): Promise<CommandOutcome> {
  const found = reportsFor(asked);
  const [first] = found;
  if (first === undefined) return Promise.resolve(unknownCode(asked ?? ''));
  const isOne = first.code === asked;
  if (isJson) return Promise.resolve(jsonOutcome(EXIT_OK, isOne ? first : found));
  return Promise.resolve({
    status: EXIT_OK,
    stdout: isOne ? oneText(first, style) : listText(found, style),
    stderr: '',
  });
}

function reportsFor(asked: string | undefined): readonly ErrorReport[] {
  const exact = ERROR_CODES.filter((code) => code === asked);
  const codes = exact.length > 0 ? exact : ERROR_CODES.filter((code) => code.startsWith(asked ?? ''));
  const reports = codes.map(reportOf);
  return FAULTS.flatMap((fault) => reports.filter((report) => report.fault === fault));
}

function reportOf(code: ErrorCode): ErrorReport {
  const { status, text, retry } = errorEntry(code);
  return { code, status, fault: faultOf(code), text, ...EXPLANATIONS[code], retry };
}

function unknownCode(asked: string): CommandOutcome {
  const near = nearestName(asked, ERROR_CODES);
  const hint = near === undefined ? 'rwwwrse errors lists all' : `did you mean ${near}?`;
  return usageOutcome(`there is no failure code ${JSON.stringify(asked)}; ${hint}`, 'errors');
}

function listText(reports: readonly ErrorReport[], style: Style): string {
  const rows = reports.map(({ code, status, fault, text }) => [code, String(status), fault, text]);
  return columns([HEAD.map((cell) => style('faint', cell)), ...rows], { right: [1] });
}

const RETRIES: Readonly<Record<RetryClass, string>> = {
  never: 'never',
  if_unsent: 'where the route retries `connect`, with any method: nothing was sent',
  if_reused_connection:
    'where the method allows it: on a reused connection always, else where the route retries `reset`',
  if_idempotent: 'where the method allows it and the route retries `timeout`',
};

function oneText({ code, status, fault, text, meaning, advice, retry }: ErrorReport, style: Style): string {
  const facts = [
    ['fault', fault],
    ['status', status === 499 ? '499, in logs and metrics only: nobody is there to read an answer' : String(status)],
    ['client reads', status === 499 ? '-' : text],
    ['meaning', meaning],
    ['what to do', advice],
    ['sent again', RETRIES[retry]],
    ['metric', `rwwwrse_failures_total{code="${code}",fault="${fault}"}`],
  ];
  return `${style('title', code)}\n${columns(facts, { indent: '  ' })}`;
}
