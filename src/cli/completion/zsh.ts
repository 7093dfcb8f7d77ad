import { allModels } from './completion-model.ts';
import type { CommandModel, Offer, OptionModel } from './completion-model.ts';

/** The completion for zsh: one function for each command; works sourced behind compinit and as a file `_rwwwrse` in fpath. */
export function zshCompletion(root: CommandModel): string {
  return `#compdef rwwwrse
# zsh completion for rwwwrse: source <(rwwwrse completion zsh)
${allModels(root).map(commandFunction).join('\n')}
if [[ \${funcstack[1]:-} == _rwwwrse ]]; then
  _rwwwrse "$@"
elif (( \${+functions[compdef]} )); then
  compdef _rwwwrse rwwwrse
fi
`;
}

function functionName(path: readonly string[]): string {
  return ['_rwwwrse', ...path].join('_');
}

function commandFunction(model: CommandModel): string {
  const { path, commands, options, arguments: places } = model;
  const specs = options.map(optionSpec);
  if (commands.length === 0) specs.push(...places.map((offer, index) => quote(`${index + 1}: :${actionOf(offer)}`)));
  if (commands.length > 0) specs.push("'1: :->command'", "'*:: :->rest'");
  const call = ['_arguments -C -s -S', ...specs].join(' \\\n    ');
  const branches = commands.map(({ path: child }) => `        ${child.at(-1)}) ${functionName(child)} ;;`);
  const states =
    commands.length === 0
      ? ''
      : `
  case $state in
    command)
      local -a commands=(${commands.map((each) => quote(`${each.path.at(-1)}:${each.description}`)).join(' ')})
      _describe command commands
      ;;
    rest)
      case $line[1] in
${branches.join('\n')}
      esac
      ;;
  esac`;
  return `${functionName(path)}() {
  local curcontext="$curcontext" state
  local -a line
  typeset -A opt_args
  ${call}${states}
}`;
}

/** All spellings of one option exclude each other, unless it may be repeated. */
function optionSpec({ names, description, value }: OptionModel): string {
  const isRepeated = description.includes('may be repeated');
  const exclusion = isRepeated ? '*' : `(${names.join(' ')})`;
  const text = description.replaceAll(/[[\]:\\]/g, String.raw`\$&`);
  const action = value === null ? '' : `: :${actionOf(value)}`;
  return names
    .map((name) => quote(`${exclusion}${name}${value !== null && name.startsWith('--') ? '=' : ''}[${text}]${action}`))
    .join(' ');
}

/** An empty list for nothing: the blank that `_arguments` takes for it hides all options until the argument is there. */
function actionOf(offer: Offer): string {
  if (offer.kind === 'files') return '_files';
  return offer.kind === 'words' ? `(${offer.words.join(' ')})` : '()';
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
