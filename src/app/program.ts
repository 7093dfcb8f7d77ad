import type { LoadedConfig, RefusedConfig } from '../config/load.ts';
import type { ResolvedConfig } from '../config/resolved-config.ts';
import type { HandedSocket } from '../controlplane/sockets/handed-sockets.ts';
import type { OwnedLog } from '../telemetry/logs/application-log.ts';
import type { Environment } from './environment.ts';
import type { Predecessor } from './predecessor.ts';
import { type ProgramEnd, programSignals } from './program-signals.ts';
import { Reloads } from './reloads.ts';
import { Server } from './server.ts';
import { ServiceNotifier } from './service-notifier.ts';
import { watchSignals } from './signals.ts';
import { Succession } from './succession.ts';
import { Upgrade } from './upgrade.ts';
import { ownWatched, watcherOf } from './watcher.ts';

const EXIT_FAILED = 1;

/** What the serving program gets from its command line. */
export interface ServeOptions {
  readonly loaded: LoadedConfig;
  /** Reads the configuration anew, from the same places. */
  readonly load: () => Promise<LoadedConfig | RefusedConfig>;
  /** The written configuration is refused, and `loaded` is the last good one. */
  readonly isFallback: boolean;
  /** End of the launcher's pipe, or null without a launcher. */
  readonly launcherFd: number | null;
  /** Handed on to a successor process. */
  readonly env: Environment;
  /** The program whose sockets this one takes over; null when it starts on its own. */
  readonly predecessor: Predecessor | null;
}

/** What a program is made of, besides what it was told. */
export interface ProgramContext {
  readonly options: ServeOptions;
  /** The configuration that runs. */
  readonly config: ResolvedConfig;
  /** Changes a configuration before it runs, such as when the demo backends stand in for none. */
  readonly complete: (config: ResolvedConfig) => ResolvedConfig;
  /** Sockets that the service manager opened. */
  readonly activated: readonly HandedSocket[];
  readonly log: OwnedLog;
}

/** The parts of the serving program, and what each asks of the others. */
export class Program {
  readonly server: Server;
  readonly reloads: Reloads;
  readonly upgrade: Upgrade;
  readonly succession: Succession;
  readonly notifier: ServiceNotifier;
  readonly log: OwnedLog;
  /** Resolves when the program is over. */
  readonly ended: Promise<ProgramEnd>;
  private readonly options: ServeOptions;
  private readonly end: (end: ProgramEnd) => void;
  private starting: Promise<void> = Promise.resolve();

  constructor({ options, config, complete, activated, log }: ProgramContext) {
    const { predecessor, env, launcherFd, loaded, load } = options;
    const { promise, resolve } = Promise.withResolvers<ProgramEnd>();
    this.options = options;
    this.log = log;
    this.ended = promise;
    this.end = resolve;
    const offer = predecessor?.offer;
    const server = new Server(config, log, offer ?? { sockets: activated, isPinned: true, stickySecret: null }, {
      unrecoverable: (reason) => this.replaceByRescue(reason),
      addressesChanged: () => this.replan(),
    });
    this.server = server;
    this.notifier = new ServiceNotifier(env, log);
    const { notifier } = this;
    const context = { server, log, env, notifier, watcher: watcherOf(ownWatched(launcherFd, env)) };
    this.succession = new Succession({ ...context, isRescuer: offer?.purpose === 'rescue' });
    this.reloads = new Reloads({ loaded, load, complete, server, log, notifier });
    this.upgrade = new Upgrade({
      ...context,
      reloads: this.reloads,
      timeoutMs: config.settings.upgradeTimeoutMs,
      drainMs: config.settings.shutdownTimeoutMs,
      onHandedOver: (drained, taken) => void this.leave(drained, taken),
    });
  }

  /** Follows signals, and opens all listeners; resolves when it serves, failed, or was told to stop meanwhile. */
  async start(): Promise<void> {
    const { launcherFd, predecessor } = this.options;
    watchSignals(programSignals(this, this.end), launcherFd);
    this.starting = this.server.start().catch(async (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      process.stderr.write(`rwwwrse: ${message}\n`);
      await predecessor?.failed(message);
      this.end({ status: EXIT_FAILED, threadsEnded: false });
    });
    // A stop during the start ends the program without waiting for the rest of it.
    await Promise.race([this.starting, this.ended]);
    if (this.server.isReady && predecessor !== null) await Promise.race([predecessor.release(), this.ended]);
  }

  private replaceByRescue(reason: string): void {
    this.upgrade.cancel();
    void this.succession.run(reason).then(() => this.end({ status: EXIT_FAILED, threadsEnded: false }));
  }

  private replan(): void {
    void this.starting.then(() => {
      if (this.server.isReady) this.reloads.replan();
    });
  }

  private async leave(drained: Promise<boolean>, taken: Promise<boolean>): Promise<void> {
    this.reloads.close('another process serves by now, with the configuration as it is on the disk');
    // An idle process would else remove the pid file while the other one writes it, and not tell the command how it went.
    const [threadsEnded, isTaken] = await Promise.all([drained, taken]);
    this.log.info('upgrade: the last answers are out', { pid: process.pid });
    this.end({ status: isTaken ? 0 : EXIT_FAILED, threadsEnded });
  }
}
