import type { LoadedConfig, RefusedConfig } from '../../config/load.ts';
import type { ConfigProblem } from '../../config/problem.ts';
import { EXIT_PROBLEM } from '../exit-status.ts';
import { jsonOutcome } from '../outcome.ts';
import type { CommandOutcome } from '../outcome.ts';
import { findingLines } from '../text/findings.ts';
import { plainStyle } from '../text/style.ts';

/** The end of a command that needs a configuration and got a refused one: every finding, one line each. */
export function refusedOutcome({ problems, warnings }: RefusedConfig, isJson: boolean): CommandOutcome {
  if (isJson) return jsonOutcome(EXIT_PROBLEM, { ok: false, errors: problems, warnings });
  return { status: EXIT_PROBLEM, stdout: '', stderr: remarks([...warnings, ...problems]) };
}

/** Findings that are not the result of a command, for standard error. */
export function remarks(findings: readonly ConfigProblem[]): string {
  return findingLines(findings, plainStyle, 'rwwwrse: ');
}

/** What a command must say that answers for a configuration without backends; empty for one with some. */
export function demoRemark({ hasBackends }: LoadedConfig): string {
  return hasBackends ? '' : 'rwwwrse: notice: no backend is configured: a start would proxy to its own demo backends\n';
}
