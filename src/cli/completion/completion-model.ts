import type { Argument, Command, Option } from 'commander';

/** What a shell may offer in a place. */
export type Offer =
  | { readonly kind: 'files' }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'nothing' };

/** An option as a shell sees it. */
export interface OptionModel {
  /** `-c`, `--config`. */
  readonly names: readonly string[];
  readonly description: string;
  /** What its value may be; null for one without a value. */
  readonly value: Offer | null;
}

/** A command as a shell sees it. */
export interface CommandModel {
  /** Words behind the program's name; empty for the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly commands: readonly CommandModel[];
  readonly options: readonly OptionModel[];
  /** One for each argument, in order. */
  readonly arguments: readonly Offer[];
}

/** What shells need to know of a tree of commands. */
export function completionModel(command: Command, path: readonly string[] = []): CommandModel {
  const subcommands = command.commands.map((child) => completionModel(child, [...path, child.name()]));
  return {
    path,
    description: command.summary() || command.description(),
    commands: subcommands,
    options: [...command.options.map(optionModel), HELP],
    arguments: command.registeredArguments.map(argumentOffer),
  };
}

/** The model of a command and those of all below it. */
export function allModels(model: CommandModel): readonly CommandModel[] {
  return [model, ...model.commands.flatMap(allModels)];
}

const HELP: OptionModel = { names: ['-h', '--help'], description: 'display help for command', value: null };

function optionModel(option: Option): OptionModel {
  const names = [option.short, option.long].filter((name) => name !== undefined);
  const isValued = option.required || option.optional;
  return { names, description: option.description, value: isValued ? offerOf(option.flags, option.argChoices) : null };
}

function argumentOffer(argument: Argument): Offer {
  return offerOf(argument.description, argument.argChoices);
}

/** Files are recognised by what the help calls the value: `<file>`, or a description that begins with it. */
function offerOf(text: string, choices: readonly string[] | undefined): Offer {
  if (choices !== undefined) return { kind: 'words', words: choices };
  return /<file>|\bfile\b/.test(text) ? { kind: 'files' } : { kind: 'nothing' };
}
