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

/** Describes `upgrade`. */
export function addUpgrade(root: Command, act: Act): void {
  const upgrade = root.command('upgrade').summary('replace the running program without losing a connection');
  upgrade.description(
    'Lets the running instance start the version that is on the disk now, with the same command line, and hand its listening ' +
      'sockets over. When the new one does not come up, the running one goes on. SIGUSR2 does the same, without an answer.',
  );
  upgrade.option('--socket <path>', SOCKET_HELP);
  addJson(addConfigOptions(upgrade)).addHelpText('after', UPGRADE_TAIL);
  upgrade.action(() => {
    const options = optionsOf(root, upgrade) as ControlOptions;
    act(async (context) => (await import('./commands/upgrade.ts')).upgrade(options, context));
  });
}

const UPGRADE_TAIL = helpTail(
  [
    ['rwwwrse upgrade', 'after the package was updated'],
    ['rwwwrse upgrade --socket /run/rwwwrse/rwwwrse.pid.sock', ''],
    ['rwwwrse upgrade --json', 'process ids and versions, old and new'],
  ],
  { ok: 'the new version serves', problem: 'it is refused or the new version failed, and the old one goes on' },
);
