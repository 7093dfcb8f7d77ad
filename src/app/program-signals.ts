import type { ApplicationLog } from '../telemetry/logs/application-log.ts';
import type { Reloads } from './reloads.ts';
import type { Server } from './server.ts';
import type { ServiceNotifier } from './service-notifier.ts';
import type { SignalOwner } from './signals.ts';
import type { Succession } from './succession.ts';
import type { Upgrade } from './upgrade.ts';

const EXIT_ENDED_AT_ONCE = 130;

/** How the program ends. */
export interface ProgramEnd {
  readonly status: number;
  /** false: a thread may hang in a native call, and an ordinary exit would wait for it. */
  readonly threadsEnded: boolean;
}

/** What signals act on. */
export interface SignalledProgram {
  readonly server: Server;
  readonly succession: Succession;
  readonly upgrade: Upgrade;
  readonly reloads: Reloads;
  readonly notifier: ServiceNotifier;
  readonly log: ApplicationLog;
}

/** What each signal does to the program; `ended` is told when it is over. */
export function programSignals(program: SignalledProgram, ended: (end: ProgramEnd) => void): SignalOwner {
  const { server, succession, upgrade, reloads, notifier, log } = program;
  let isCut = false;
  return {
    stop(reason: string) {
      log.info('stopping', { reason });
      // It drains and ends anyway; the process that took over is told by its own id.
      if (upgrade.isHandedOver) return;
      // A draining program is no longer the one that serves: a successor may carry the name already.
      process.title = 'node';
      void notifier.send('STOPPING=1', `STATUS=stopping: ${reason}`);
      upgrade.cancel();
      succession.signal('SIGTERM');
      void server.stop().then((threadsEnded) => {
        if (isCut) return;
        log.info('stopped');
        ended({ status: 0, threadsEnded });
      });
    },
    stopNow(reason: string) {
      log.warn('ended at once', { reason });
      succession.signal('SIGTERM');
      isCut = true;
      void server.cut().then(() => ended({ status: EXIT_ENDED_AT_ONCE, threadsEnded: false }));
    },
    hangup() {
      log.info('log files are opened anew', { reason: 'SIGHUP' });
      succession.signal('SIGHUP');
      server.reopenLogs();
      if (!upgrade.isHandedOver) void reloads.reload('SIGHUP');
    },
    upgrade() {
      void upgrade.run((progress) => log.info(`upgrade: ${progress}`));
    },
  };
}
