import type { Command } from 'commander';
import { helpTail } from './help.ts';
import type { ControlOptions } from './instance/control.ts';
import { addConfigOptions, addJson, optionsOf } from './work.ts';
import type { Act } from './work.ts';

const SOCKET_HELP = 'control socket of the instance; default is that of its configuration';

/** Describes `reload`. */
export function addReload(root: Command, act: Act): void {
  const reload = root.command('reload').summary('take a changed configuration without a restart');
  reload.description(
    'Lets the running instance read its configuration anew. Everything that is wrong with it is told, and the one before goes ' +
      'on; else it is taken by all workers at once, and no connection is closed. SIGHUP does the same, without an answer.',
  );
  reload.option('--socket <path>', SOCKET_HELP);
  addJson(addConfigOptions(reload)).addHelpText('after', RELOAD_TAIL);
  reload.action(() => {
    const options = optionsOf(root, reload) as ControlOptions;
    act(async (context) => (await import('./commands/reload.ts')).reload(options, context));
  });
}

const RELOAD_TAIL = helpTail(
  [
    ['rwwwrse reload', ''],
    ['rwwwrse reload --config /etc/rwwwrse/config.yaml', 'the instance that was started with this file'],
    ['rwwwrse reload --json', 'what changed, and what needs a restart'],
  ],
  { ok: 'the configuration runs', problem: 'it is refused and the one before goes on, or nobody answers' },
);
