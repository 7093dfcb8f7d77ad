import type { Command } from 'commander';
import type { CommandContext, ConfigOptions } from './command-context.ts';
import type { CommandOutcome } from './outcome.ts';

/** What a command line asks for; a number is the status of a program that ran and said everything itself. */
export type Work = (context: CommandContext) => Promise<CommandOutcome | number>;

/** Takes the work that the command line asks for; called once, by the parse of a correct command line. */
export type Act = (work: Work) => void;

/** What the help says of the env-file everywhere. */
export const ENV_FILE_HELP = 'file of environment variables, one NAME=value a line';

/** Adds the options that choose the configuration. */
export function addConfigOptions(command: Command): Command {
  return command.option('-c, --config <file>', 'configuration file (YAML)').option('--env-file <file>', ENV_FILE_HELP);
}

/** Adds `--json`, which every command that prints has. */
export function addJson(command: Command): Command {
  return command.option('--json', 'print one JSON document');
}

/** A command's options as parsed; those of the configuration and `--json` may also stand before the command. */
export function optionsOf(root: Command, command: Command): Readonly<Record<string, unknown>> {
  const { config, envFile, json } = root.opts<ConfigOptions>();
  const before = Object.entries({ config, envFile, json }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(before), ...command.opts<ConfigOptions>() };
}
