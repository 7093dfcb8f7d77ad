import { type Command, CommanderError } from 'commander';
import { commandTree } from './command-tree.ts';
import type { CommandContext } from './command-context.ts';
import { EXIT_OK, EXIT_USAGE } from './exit-status.ts';
import type { CommandOutcome } from './outcome.ts';
import { lineText } from './text/printable.ts';
import { plainStyle } from './text/style.ts';
import type { Work } from './work.ts';

const MAX_HELP_COLUMNS = 120;

/**
 * Runs any command line: help, a command, or the server. Wrong ones come back as one line with status 2.
 *
 * @param terminalColumns width of the terminal; undefined without one
 */
export async function runCommandLine(
  args: readonly string[],
  context: CommandContext,
  terminalColumns: number | undefined,
): Promise<CommandOutcome | number> {
  const said = { stdout: '', stderr: '' };
  const chosen: Work[] = [];
  const tree = commandTree((work) => chosen.push(work));
  const width = Math.min(terminalColumns ?? MAX_HELP_COLUMNS, MAX_HELP_COLUMNS);
  for (const command of allCommands(tree)) {
    command.exitOverride();
    command.configureHelp({ styleTitle: (title) => context.style('title', title) });
    command.configureOutput({
      writeOut: (text) => (said.stdout += text),
      writeErr: (text) => (said.stderr += text),
      getOutHelpWidth: () => width,
      getErrHelpWidth: () => width,
      getOutHasColors: () => context.style !== plainStyle,
      getErrHasColors: () => false,
      outputError: (text, write) => write(`rwwwrse: ${oneLine(text)} (see rwwwrse ${pathOf(command)}--help)\n`),
    });
  }
  try {
    tree.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { status: error.exitCode === 0 ? EXIT_OK : EXIT_USAGE, ...said };
  }
  const [work] = chosen;
  return work === undefined ? { status: EXIT_USAGE, ...said } : work(context);
}

/** A command and everything below it. */
export function allCommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

/** Words that lead to a command, each with a blank behind it; nothing for the program itself. */
function pathOf(command: Command): string {
  return command.parent === null ? '' : `${pathOf(command.parent)}${command.name()} `;
}

/** The parser's message without its label, the nearest known name in the same line. */
function oneLine(text: string): string {
  const suggested = text
    .trim()
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.+)\?\)$/s, '; did you mean $1?');
  return lineText(suggested).replace(/\.$/, '');
}
