import type { ControlAnswer } from '../controlplane/control/control-message.ts';
import type { ApplicationLog } from '../telemetry/logs/application-log.ts';
import type { Environment } from './environment.ts';
import type { Reloads } from './reloads.ts';
import type { Server } from './server.ts';
import type { ServiceNotifier } from './service-notifier.ts';
import { Successor } from './successor.ts';
import { VERSION } from '../base/version.ts';

/** What an upgrade needs of the program. */
export interface UpgradeContext {
  readonly server: Server;
  readonly log: ApplicationLog;
  readonly env: Environment;
  readonly notifier: ServiceNotifier;
  /** Why no other process can take over; null when one can. */
  readonly watcher: string | null;
  readonly reloads: Pick<Reloads, 'asked'>;
  /** How long the new version may take until it serves. */
  readonly timeoutMs: number;
  /** How long the last answers of this one may take. */
  readonly drainMs: number;
  /** This process no longer serves, and is to end when its last answers are out and the other one has taken over, or is gone. */
  readonly onHandedOver: (drained: Promise<boolean>, taken: Promise<boolean>) => void;
}

/**
 * Replaces the program by the version on the disk without a refused or reset connection: the new process gets the listening
 * sockets themselves, queues and all, and this one stops to accept only when the new one does (DESIGN.md 4). Until then nothing
 * here has changed, so that whatever goes wrong, this version goes on.
 */
export class Upgrade {
  private readonly context: UpgradeContext;
  private successor: Successor | null = null;
  private state: 'none' | 'under way' | 'handed over' | 'cancelled' = 'none';

  constructor(context: UpgradeContext) {
    this.context = context;
  }

  /** Another process serves; this one answers its last requests. */
  get isHandedOver(): boolean {
    return this.state === 'handed over';
  }

  /** Hands over to a new process, or says why not. Never rejects. */
  async run(tell: (progress: string) => void): Promise<ControlAnswer> {
    const refusal = this.refusal();
    if (refusal !== null) return this.refused(refusal);
    this.state = 'under way';
    const reloadsBefore = this.context.reloads.asked;
    const successor = this.startSuccessor();
    this.successor = successor;
    tell(`the version on the disk starts as process ${successor.pid ?? 'unknown'}`);
    const outcome = await successor.ready;
    if ('reason' in outcome || this.isCancelled) {
      this.successor = null;
      if (!this.isCancelled) this.state = 'none';
      return this.refused(
        'reason' in outcome ? `the new version was given up: ${outcome.reason}` : 'the program stops',
      );
    }
    tell(`version ${outcome.version} accepts connections`);
    // Before anything else: systemd takes the end of what it knows as the main process for the end of the service.
    await this.context.notifier.retire(successor.pid);
    if (this.isCancelled) return this.refused('the program stops');
    const end = await this.handOver(successor, outcome.version);
    if (end !== null) return this.lost(outcome.version, end);
    // It may have read the configuration before the change for which a reload was asked.
    if (this.context.reloads.asked > reloadsBefore) successor.signal('SIGHUP');
    const message = `version ${outcome.version} serves as process ${successor.pid}; process ${process.pid} answers its last requests`;
    const details = { version: outcome.version, pid: successor.pid, old_version: VERSION, old_pid: process.pid };
    return { ok: true, message, details };
  }

  /** The program stops: an upgrade under way must not go on serving in its place. */
  cancel(): void {
    if (this.state === 'handed over') return;
    this.state = 'cancelled';
    this.successor?.giveUp('the program stops');
  }

  private get isCancelled(): boolean {
    return this.state === 'cancelled';
  }

  private refusal(): string | null {
    const { server, watcher } = this.context;
    if (process.platform === 'win32') return 'Windows cannot hand sockets to another process; restart it';
    if (watcher !== null) return watcher;
    if (this.isCancelled) return 'the program is being replaced, or stops';
    if (this.state === 'under way') return 'an upgrade is under way';
    if (this.state === 'handed over') return 'another process serves already; this one answers its last requests';
    return server.isReady ? null : 'the program does not serve: it starts or stops';
  }

  private startSuccessor(): Successor {
    const { server, log, env, timeoutMs } = this.context;
    const { sockets, isPinned, ownStickySecret: stickySecret } = server;
    const successor = new Successor({ env, sockets, isPinned, purpose: 'upgrade', stickySecret, timeoutMs });
    log.info('upgrade: the version on the disk starts', { successor: successor.pid, sockets: sockets.length });
    return successor;
  }

  /** @returns how the successor ended when it did before it had taken over */
  private async handOver(successor: Successor, version: string): Promise<string | null> {
    const { server, log, drainMs, onHandedOver } = this.context;
    this.state = 'handed over';
    process.title = 'node';
    log.info('upgrade: another process serves', { successor: successor.pid, version });
    const drained = server.handOver(drainMs);
    const end = successor.release();
    onHandedOver(
      drained,
      end.then((how) => how === null),
    );
    return end;
  }

  /** This process accepts no more, and nothing can be taken back. */
  private lost(version: string, how: string): ControlAnswer {
    const reason = `version ${version} accepted connections and then ended (${how})`;
    this.context.log.error('upgrade failed; nobody serves', { reason });
    return { ok: false, message: `upgrade failed: ${reason}: nobody serves; start it anew` };
  }

  private refused(reason: string): ControlAnswer {
    this.context.log.error('upgrade refused; this version goes on', { reason });
    return { ok: false, message: `upgrade refused: ${reason}` };
  }
}
