import { controlPath, type ControlPlace, prepareRuntimeFolder } from '../controlplane/control/control-path.ts';
import { ControlSocket, type ControlVerbs } from '../controlplane/control/control-socket.ts';
import type { ApplicationLog } from '../telemetry/logs/application-log.ts';

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
