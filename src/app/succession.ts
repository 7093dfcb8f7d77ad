import type { ApplicationLog } from '../telemetry/logs/application-log.ts';
import type { Environment } from './environment.ts';
import type { Server } from './server.ts';
import type { ServiceNotifier } from './service-notifier.ts';
import { Successor } from './successor.ts';

/** Longest drain of a program that must end. */
const LEAVE_MS = 5_000;
/** A successor that does not serve by then is given up. */
const READY_MS = 15_000;
/** A successor that needs a successor of its own this soon would need the next one, too. */
const YOUNG_S = 60;

/** What a succession needs of the program. */
export interface SuccessionContext {
  readonly server: Server;
  readonly log: ApplicationLog;
  readonly env: Environment;
  readonly notifier: ServiceNotifier;
  /** Why no other process can take over; null when one can. */
  readonly watcher: string | null;
  /** This process itself was started because a thread of another one hung. */
  readonly isRescuer: boolean;
}

/**
 * The end of a program in which a thread hangs in a native call: no thread can be ended from outside, so only a new process
 * helps (DESIGN.md 4). A successor takes the sockets over, that of the hanging thread too, then this process answers what it has
 * and ends with status 1.
 *
 * No successor is started where the end of this process ends the service anyway, or where a service manager keeps the sockets. Status 1 then asks whoever watches to start the
 * program anew.
 */
export class Succession {
  private readonly context: SuccessionContext;
  private successor: Successor | null = null;
  private begun = false;

  constructor(context: SuccessionContext) {
    this.context = context;
  }

  /** Hands over and drains; resolves when this process should end. A second call waits for ever: the first one ends the process. */
  async run(reason: string): Promise<void> {
    if (this.begun) return new Promise(() => undefined);
    this.begun = true;
    const { server, log } = this.context;
    log.error('a thread cannot be ended; the program must be replaced', { reason });
    await this.startSuccessor();
    process.title = 'node';
    await Promise.all([this.successor?.release(), server.handOver(LEAVE_MS)]);
  }

  /** Passes a signal to the successor, if there is one. */
  signal(name: NodeJS.Signals): void {
    this.successor?.signal(name);
  }

  private async startSuccessor(): Promise<void> {
    const { server, log, env, notifier, watcher, isRescuer } = this.context;
    if (watcher !== null || server.isPinned || (isRescuer && process.uptime() < YOUNG_S)) {
      log.error('the program ends with status 1; it must be started anew');
      return;
    }
    const { sockets, isPinned, ownStickySecret: stickySecret } = server;
    const successor = new Successor({ env, sockets, isPinned, purpose: 'rescue', stickySecret, timeoutMs: READY_MS });
    this.successor = successor;
    const outcome = await successor.ready;
    if ('reason' in outcome) {
      this.successor = null;
      log.error('no successor could be started; the program ends with status 1', { reason: outcome.reason });
      return;
    }
    await notifier.retire(successor.pid);
    log.warn('a successor serves', { successor: successor.pid });
  }
}
