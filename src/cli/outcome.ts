import { EXIT_PROBLEM, EXIT_USAGE } from './exit-status.ts';
import type { ExitStatus } from './exit-status.ts';
import { lineText } from './text/printable.ts';

/** What a command has to say, printed by one place when it is over. */
export interface CommandOutcome {
  readonly status: ExitStatus;
  /** The result; ends with a line break when there is one. */
  readonly stdout: string;
  /** Remarks that are not the result. */
  readonly stderr: string;
}

/** An outcome that is one JSON document on standard output, for `--json`. */
export function jsonOutcome(status: ExitStatus, value: unknown): CommandOutcome {
  return { status, stdout: `${JSON.stringify(value, null, 2)}\n`, stderr: '' };
}

/** A command that cannot do what was asked says why in one line. */
export function problemOutcome(message: string): CommandOutcome {
  return { status: EXIT_PROBLEM, stdout: '', stderr: `rwwwrse: ${lineText(message)}\n` };
}

/**
 * A command line that makes no sense: one line, with the command whose help says what does.
 *
 * @param command words behind the program's name, empty for the program itself
 */
export function usageOutcome(message: string, command = ''): CommandOutcome {
  const help = ['rwwwrse', ...(command === '' ? [] : [command]), '--help'].join(' ');
  return { status: EXIT_USAGE, stdout: '', stderr: `rwwwrse: ${lineText(message)} (see ${help})\n` };
}
