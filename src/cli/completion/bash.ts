import { allModels } from './completion-model.ts';
import type { CommandModel, Offer } from './completion-model.ts';

/**
 * The completion for bash (3.2 and later, without the bash-completion package). It walks the words before the cursor to find
 * the command and what is expected, and offers words; for files it offers nothing, so that readline completes them itself.
 */
export function bashCompletion(root: CommandModel): string {
  const models = allModels(root);
  return `# bash completion for rwwwrse: source <(rwwwrse completion bash)
_rwwwrse() {
  local cur=\${COMP_WORDS[COMP_CWORD]} at='' expect='' word
  local -i count=0 i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # Readline cuts --name=value into three words.
    [[ $word == '=' ]] && continue
    if [[ -n $expect ]]; then
      expect=''
      continue
    fi
    case "$at:$word" in
${indented(models.flatMap(stepCases), 6)}
      *:-*) ;;
      *) count+=1 ;;
    esac
  done
  [[ $cur == '=' ]] && cur=''
  local offer=$expect
  if [[ -z $offer ]]; then
    if [[ $cur == -* ]]; then
      case "$at" in
${indented(models.map(optionCase), 8)}
      esac
    else
      case "$at:$count" in
${indented(models.flatMap(placeCases), 8)}
      esac
    fi
  fi
  [[ $offer == files ]] && return
  type compopt > /dev/null 2>&1 && compopt +o default +o bashdefault 2> /dev/null
  [[ $offer == words:* ]] && COMPREPLY=($(compgen -W "\${offer#words:}" -- "$cur"))
}
complete -o default -o bashdefault -F _rwwwrse rwwwrse
`;
}

function indented(lines: readonly string[], blanks: number): string {
  return lines.map((line) => ' '.repeat(blanks) + line).join('\n');
}

/** How a word moves on: into a command, or on to the value of an option. */
function stepCases({ path, commands, options }: CommandModel): string[] {
  const at = path.join(' ');
  const valued = options.flatMap(({ names, value }) => (value === null ? [] : [{ names, value }]));
  return [
    ...commands.map((command) => `'${at}:${command.path.at(-1)}') at='${command.path.join(' ')}' count=0 ;;`),
    ...valued.map(({ names, value }) => {
      const patterns = names.map((name) => `'${at}:${name}'`).join(' | ');
      return `${patterns}) expect='${offerText(value)}' ;;`;
    }),
  ];
}

function optionCase({ path, options }: CommandModel): string {
  return `'${path.join(' ')}') offer='words:${options.flatMap(({ names }) => names).join(' ')}' ;;`;
}

function placeCases({ path, commands, arguments: places }: CommandModel): string[] {
  const at = path.join(' ');
  if (commands.length > 0) return [`'${at}:0') offer='words:${commands.map((each) => each.path.at(-1)).join(' ')}' ;;`];
  return places.map((offer, index) => `'${at}:${index}') offer='${offerText(offer)}' ;;`);
}

function offerText(offer: Offer): string {
  return offer.kind === 'words' ? `words:${offer.words.join(' ')}` : offer.kind;
}
