import { allModels } from './completion-model.ts';
import type { CommandModel, Offer, OptionModel } from './completion-model.ts';

/** The completion for fish: one line for each command and option, with the condition under which it is offered. */
export function fishCompletion(root: CommandModel): string {
  const lines = allModels(root).flatMap((model) => [
    ...commandLines(model),
    ...optionLines(model),
    ...placeLines(model),
  ]);
  return `# fish completion for rwwwrse: rwwwrse completion fish | source
complete -c rwwwrse -f
${lines.join('\n')}
`;
}

/** Where the words before the cursor lead to this command and to none below it. */
function conditionOf({ path, commands }: CommandModel): string {
  const below = commands.map((each) => each.path.at(-1)).join(' ');
  const parts = path.map((word) => `__fish_seen_subcommand_from ${word}`);
  if (below !== '') parts.push(`not __fish_seen_subcommand_from ${below}`);
  return quote(parts.join('; and '));
}

function commandLines(model: CommandModel): string[] {
  return model.commands.map(
    ({ path, description }) =>
      `complete -c rwwwrse -n ${conditionOf(model)} -a ${path.at(-1)} -d ${quote(description)}`,
  );
}

function optionLines(model: CommandModel): string[] {
  return model.options.map((option) => {
    const spellings = option.names.map((name) =>
      name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
    );
    return `complete -c rwwwrse -n ${conditionOf(model)} ${spellings.join(' ')}${valueOf(option)} -d ${quote(option.description)}`;
  });
}

function valueOf({ value }: OptionModel): string {
  return value === null ? '' : ` ${value.kind === 'files' ? '-rF' : '-x'}${wordsOf(value)}`;
}

function placeLines(model: CommandModel): string[] {
  const offers = model.arguments.filter(({ kind }) => kind !== 'nothing');
  const distinct = [...new Map(offers.map((offer) => [JSON.stringify(offer), offer])).values()];
  return distinct.map((offer) => {
    const what = offer.kind === 'files' ? ' -F' : wordsOf(offer);
    return `complete -c rwwwrse -n ${conditionOf(model)}${what}`;
  });
}

function wordsOf(offer: Offer): string {
  return offer.kind === 'words' ? ` -a ${quote(offer.words.join(' '))}` : '';
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`;
}
