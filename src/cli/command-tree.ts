import { Command } from 'commander';
import type { ConfigOptions } from './command-context.ts';
import { addCompletion, addConfig, addErrors, addExplain, addStatus } from './command-forms.ts';
import { helpTail } from './help.ts';
import { addReload, addUpgrade } from './instance-forms.ts';
import { usageOutcome } from './outcome.ts';
import type { CommandOutcome } from './outcome.ts';
import { addConfigOptions } from './work.ts';
import type { Act, Work } from './work.ts';

/** Options of the program without a command. */
interface RootOptions extends ConfigOptions {
  readonly version?: boolean;
  readonly configCheck?: boolean;
  readonly validateConfig?: boolean;
  readonly dryRun?: boolean;
}

/**
 * All commands with their options and help: the one description that the parser, the help and the shell completions share. The
 * code of a command is loaded when it is to run.
 */
export function commandTree(act: Act): Command {
  const root = new Command('rwwwrse')
    .description('A reverse proxy for the people who have to operate it. Without a command it serves.')
    .option('-V, --version', 'print the version')
    .option('--config-check', 'check the configuration and end')
    .option('--validate-config', 'the same as --config-check')
    .option('--dry-run', 'with --config-check: the same check, which binds and sends nothing')
    .enablePositionalOptions()
    .helpCommand(false);
  addConfigOptions(root).option('--json', 'print JSON, where something is printed');
  root.addHelpText('after', ROOT_TAIL);
  root.action(() => act(rootWork(root)));
  const inRoot: Act = (work) => act(commandWork(root, work));
  addConfig(root, inRoot);
  addExplain(root, inRoot);
  addStatus(root, inRoot);
  addReload(root, inRoot);
  addUpgrade(root, inRoot);
  addErrors(root, inRoot);
  addCompletion(root, inRoot);
  addHelp(root, inRoot);
  // Last, as commands take this over from above: an unknown word reaches rootWork, which knows what is near.
  return root.allowExcessArguments(true);
}

const ROOT_TAIL = helpTail(
  [
    ['rwwwrse', 'demo backends, or what the environment configures'],
    ['RWWWRSE_DEFAULT_BACKEND=http://127.0.0.1:3000 rwwwrse', ''],
    ['rwwwrse --config /etc/rwwwrse/config.yaml', ''],
    ['rwwwrse --config-check --dry-run', 'what a start would meet'],
    ['rwwwrse config show --changed', 'what is configured, and where'],
    ['rwwwrse explain GET http://api.example.com/v1/users', 'who would answer that'],
    ['rwwwrse status', 'a running instance at a glance'],
    ['rwwwrse reload', 'take a changed configuration'],
    ['rwwwrse upgrade', 'take an updated program'],
    ['rwwwrse errors backend_timeout', 'what a failure code means'],
  ],
  {
    ok: 'fine; a server that was told to stop has ended in good order',
    problem: 'the configuration is refused, or the server failed',
  },
);

function rootWork(root: Command): Work {
  const options = root.opts<RootOptions>();
  const isCheck = options.configCheck === true || options.validateConfig === true;
  return async (context) => {
    const [word] = root.args;
    if (word !== undefined) return unknownCommand(word, root);
    if (options.version === true) return (await import('./commands/version.ts')).version(options.json === true);
    if (isCheck) return (await import('./commands/config-check.ts')).configCheck(options, context);
    if (options.dryRun === true) return usageOutcome('--dry-run goes with --config-check');
    if (options.json === true) return usageOutcome('--json goes with --config-check, --version or a command');
    const { serveCommand } = await import('./serve-command.ts');
    return serveCommand({ configFile: options.config, envFile: options.envFile }, context.env);
  };
}

/** The work of a command, unless an option before it belongs to the program alone. */
function commandWork(root: Command, work: Work): Work {
  const { version, configCheck, validateConfig, dryRun } = root.opts<RootOptions>();
  const own = {
    '--version': version,
    '--config-check': configCheck,
    '--validate-config': validateConfig,
    '--dry-run': dryRun,
  };
  const misplaced = Object.entries(own).find(([, isSet]) => isSet === true);
  if (misplaced === undefined) return work;
  return async () => Promise.resolve(usageOutcome(`${misplaced[0]} does not go with a command`));
}

/** Commander's own `help` shows the help of the whole program for a command that does not exist. */
function addHelp(root: Command, act: Act): void {
  const help = root.command('help').summary('help for a command').description('Shows the help of a command.');
  help.argument('[command...]', 'words of the command, none for the program itself');
  help.action((words: readonly string[]) => {
    let command = root;
    for (const word of words) {
      const child = command.commands.find((each) => each.name() === word);
      if (child === undefined) {
        const parent = command;
        act(async () => unknownCommand(word, parent));
        return;
      }
      command = child;
    }
    command.help();
  });
}

async function unknownCommand(word: string, parent: Command): Promise<CommandOutcome> {
  const { nearestName } = await import('../config/nearest-name.ts');
  const near = nearestName(
    word,
    parent.commands.map((command) => command.name()),
  );
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  const path = parent.parent === null ? '' : parent.name();
  return usageOutcome(`unknown command ${JSON.stringify(word)}${hint}`, path);
}
