import { Argument } from 'commander';
import type { Command } from 'commander';
import type { ConfigOptions } from './command-context.ts';
import type { Shell } from './commands/completion.ts';
import type { ConfigShowOptions } from './commands/config-show.ts';
import type { ExplainOptions } from './commands/explain.ts';
import type { StatusOptions } from './commands/status.ts';
import { helpTail } from './help.ts';
import { addConfigOptions, addJson, ENV_FILE_HELP, optionsOf } from './work.ts';
import type { Act } from './work.ts';

const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];

/** Describes `config show` and `config diff`. */
export function addConfig(root: Command, act: Act): void {
  const config = root.command('config').summary('show or compare configurations');
  config.description('Show or compare configurations. The check of one is rwwwrse --config-check.');
  const show = config.command('show').summary('every value and where it comes from');
  show.description('Shows the effective configuration: every value, secrets masked, and where it comes from.');
  show.option('--changed', 'only values that are not the default');
  addJson(addConfigOptions(show)).addHelpText('after', SHOW_TAIL);
  show.action(() => {
    const options = optionsOf(root, show) as ConfigShowOptions;
    act(async (context) => (await import('./commands/config-show.ts')).configShow(options, context));
  });
  const diff = config.command('diff').summary('what a change of the file would change');
  diff.description(
    'Says in words what going from one configuration file to another would change, and whether a reload suffices. ' +
      'Both are read with the environment and the env-file as they are: what those set does not change.',
  );
  diff.argument('<a>', 'configuration file (YAML) in use').argument('<b>', 'configuration file (YAML) to come');
  diff.option('--env-file <file>', ENV_FILE_HELP);
  addJson(diff).addHelpText('after', DIFF_TAIL);
  diff.action((a: string, b: string) => {
    const options = optionsOf(root, diff) as ConfigOptions;
    act(async (context) => (await import('./commands/config-diff.ts')).configDiff({ a, b }, options, context));
  });
}

const SHOW_TAIL = helpTail(
  [
    ['rwwwrse config show', ''],
    ['rwwwrse config show --changed --config config.yaml', 'only what somebody set'],
    ['rwwwrse config show --json', 'for programs'],
  ],
  { ok: 'shown', problem: 'the configuration is refused' },
);

const DIFF_TAIL = helpTail([['rwwwrse config diff config.yaml config.new.yaml', '']], {
  ok: 'compared, with or without a difference',
  problem: 'one of the two is refused',
});

/** Describes `explain METHOD URL`. */
export function addExplain(root: Command, act: Act): void {
  const explain = root.command('explain').summary('which route and backend a request would meet');
  explain.description(
    'Says what would become of a request: the route that takes it and why the others do not, what goes to which backend, or ' +
      'the answer of the proxy itself. Nothing is sent.',
  );
  explain.argument('<method>', 'such as GET').argument('<url>', 'http or https URL, taken as written');
  explain.option('-H, --header <field>', "field of the request, 'name: value'; may be repeated", collect, []);
  explain.option('--from <address>', 'address of the client; default is one that nobody trusts');
  addJson(addConfigOptions(explain)).addHelpText('after', EXPLAIN_TAIL);
  explain.action((method: string, url: string) => {
    const options = optionsOf(root, explain) as unknown as ExplainOptions;
    act(async (context) => (await import('./commands/explain.ts')).explain({ method, url }, options, context));
  });
}

const EXPLAIN_TAIL = helpTail(
  [
    ['rwwwrse explain GET http://api.example.com/v1/users', ''],
    ["rwwwrse explain POST https://shop.example.com/cart -H 'Cookie: a=b' -H 'X-Beta: 1'", ''],
    ['rwwwrse explain GET http://localhost/ --config config.yaml --json', ''],
  ],
  { ok: 'it would be answered', problem: 'it would be refused, or the configuration is' },
);

/** Describes `status`. */
export function addStatus(root: Command, act: Act): void {
  const status = root.command('status').summary('a running instance at a glance');
  status.description(
    'Shows a running instance: version, uptime, traffic, errors, backends. It is asked over HTTP at the place that the ' +
      'configuration names (its metrics port, else its first listener), or at --url.',
  );
  status.option('--url <url>', 'base URL, http://host:port or unix:/path; its endpoints have their default paths');
  status.option('--sample <duration>', 'time over which current rates are taken; 0s leaves them out', '1s');
  addJson(addConfigOptions(status)).addHelpText('after', STATUS_TAIL);
  status.action(() => {
    const options = optionsOf(root, status) as unknown as StatusOptions;
    act(async (context) => (await import('./commands/status.ts')).status(options, context));
  });
}

const STATUS_TAIL = helpTail(
  [
    ['rwwwrse status', ''],
    ['rwwwrse status --url http://10.0.0.7:9090', ''],
    ['rwwwrse status --sample 10s --json', ''],
  ],
  { ok: 'it runs and is ready', problem: 'nothing runs there, or it is not ready' },
);

/** Describes `errors [CODE]`. */
export function addErrors(root: Command, act: Act): void {
  const errors = root.command('errors').summary('what a failure code means and what to do');
  errors.description(
    'Explains the failure codes of error answers, logs and metrics: what has happened, whose fault it is, what to do. ' +
      'Without a code, or with the beginning of several, it lists them.',
  );
  errors.argument('[code]', 'such as backend_timeout, or client_abort for all that begin so');
  addJson(errors).addHelpText('after', ERRORS_TAIL);
  errors.action((code: string | undefined) => {
    const isJson = optionsOf(root, errors)['json'] === true;
    act(async (context) => (await import('./commands/errors.ts')).errors(code, isJson, context));
  });
}

const ERRORS_TAIL = helpTail(
  [
    ['rwwwrse errors backend_timeout', ''],
    ['rwwwrse errors client_abort', 'all codes that begin so'],
    ['rwwwrse errors --json', 'all, for programs'],
  ],
  { ok: 'printed', problem: '(does not happen)' },
);

/** Describes `completion SHELL`. */
export function addCompletion(root: Command, act: Act): void {
  const completion = root.command('completion').summary('completion script for a shell');
  completion.description('Prints a script that completes commands, options and files in a shell.');
  completion.addArgument(new Argument('<shell>', 'the shell').choices([...SHELLS]));
  addJson(completion).addHelpText('after', COMPLETION_TAIL);
  completion.action((shell: Shell) => {
    const isJson = optionsOf(root, completion)['json'] === true;
    act(async () => (await import('./commands/completion.ts')).completion(shell, root, isJson));
  });
}

const COMPLETION_TAIL = helpTail(
  [
    ['source <(rwwwrse completion bash)', 'in ~/.bashrc'],
    ['source <(rwwwrse completion zsh)', 'in ~/.zshrc, behind compinit'],
    ['rwwwrse completion fish | source', 'in ~/.config/fish/config.fish'],
  ],
  { ok: 'printed', problem: '(does not happen)' },
);

function collect(value: string, earlier: readonly string[]): string[] {
  return [...earlier, value];
}
