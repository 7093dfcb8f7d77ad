import type { ListenAddress, ResolvedConfig } from '../config/resolved-config.ts';
import type { ControlAnswer } from '../controlplane/control/control-message.ts';
import { controlPath, type ControlPlace, prepareRuntimeFolder } from '../controlplane/control/control-path.ts';
import { ControlSocket, type ControlVerbs } from '../controlplane/control/control-socket.ts';
import { reloadAnswer } from '../controlplane/reload/reload-answer.ts';
import type { ApplicationLog } from '../telemetry/logs/application-log.ts';
import type { Environment } from './environment.ts';
import type { Reloads } from './reloads.ts';
import type { Server } from './server.ts';
import type { Upgrade } from './upgrade.ts';
import { VERSION } from '../base/version.ts';

/** What commands ask of. */
export interface ControlledProgram {
  readonly server: Server;
  readonly reloads: Reloads;
  readonly upgrade: Upgrade;
}

/** What commands can ask of the program. */
export function controlVerbs({ server, reloads, upgrade }: ControlledProgram): ControlVerbs {
  return {
    async state(): Promise<ControlAnswer> {
      const details = { version: VERSION, pid: process.pid, workers: server.workers, ready: server.isReady };
      return Promise.resolve({ ok: true, message: `rwwwrse ${VERSION} runs as process ${process.pid}`, details });
    },
    reload: async () => reloadAnswer(await reloads.reload('a command asked for it')),
    upgrade: (tell) => upgrade.run(tell),
  };
}

/** Where this program can be asked. */
export function ownControlPlace({ settings }: ResolvedConfig, server: Server, env: Environment): ControlPlace {
  const [first] = settings.listeners;
  const address = server.addresses.get(first?.name ?? '') as ListenAddress;
  return { pidFile: settings.pidFile, address, env, uid: process.geteuid?.() ?? -1 };
}

/**
 * Opens the socket on which commands ask this program, and returns what closes it. One that cannot be opened is a warning: the
 * proxy serves without it, and signals still reach it.
 */
export async function openControl(place: ControlPlace, verbs: ControlVerbs, log: ApplicationLog): Promise<() => void> {
  const path = controlPath(place);
  const socket = new ControlSocket(path, verbs);
  try {
    prepareRuntimeFolder(path, place);
    await socket.open();
    return () => socket.close();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    log.warn('the control socket cannot be opened; commands cannot reach this program', {
      path,
      problem: code ?? message,
    });
    return () => socket.close();
  }
}
