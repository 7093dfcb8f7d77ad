import { EXIT_OK, EXIT_PROBLEM, EXIT_USAGE } from './exit-status.ts';

/** What a status of 0 and of 1 mean for one command. */
export interface StatusMeaning {
  readonly ok: string;
  readonly problem: string;
}

/**
 * What stands behind the options in a command's help: examples as they are typed, a remark behind each, and the exit status.
 *
 * @param examples command line and remark
 */
export function helpTail(
  examples: readonly (readonly [command: string, remark: string])[],
  status: StatusMeaning,
): string {
  const width = Math.max(...examples.map(([command]) => command.length));
  const lines = examples.map(([command, remark]) => `  ${command.padEnd(width)}  ${remark}`.trimEnd());
  const statuses = [
    `  ${EXIT_OK}  ${status.ok}`,
    `  ${EXIT_PROBLEM}  ${status.problem}`,
    `  ${EXIT_USAGE}  wrong usage: nothing was done`,
  ];
  return ['', 'Examples:', ...lines, '', 'Exit status:', ...statuses].join('\n');
}
