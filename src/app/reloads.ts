import type { LoadedConfig, RefusedConfig } from '../config/load.ts';
import type { ResolvedConfig } from '../config/resolved-config.ts';
import { FileWatch } from '../controlplane/reload/file-watch.ts';
import { LastGood } from '../controlplane/reload/last-good.ts';
import type { ReloadOutcome } from '../controlplane/reload/reload-outcome.ts';
import { Reloader } from '../controlplane/reload/reloader.ts';
import type { ApplicationLog } from '../telemetry/logs/application-log.ts';
import type { Server } from './server.ts';
import type { ServiceNotifier } from './service-notifier.ts';
import { VERSION } from '../base/version.ts';

/** What reloads need of the program. */
export interface ReloadsContext {
  readonly loaded: LoadedConfig;
  readonly load: () => Promise<LoadedConfig | RefusedConfig>;
  /** Changes a configuration before it runs, such as when the demo backends stand in for none. */
  readonly complete: (config: ResolvedConfig) => ResolvedConfig;
  readonly server: Server;
  readonly log: ApplicationLog;
  readonly notifier: ServiceNotifier;
}

/** All that brings a changed configuration into the running program: signals, watched files, and who asks. */
export class Reloads {
  private readonly reloader: Reloader;
  private readonly watch: FileWatch | null;
  private readonly lastGood: LastGood | null;
  private readonly log: ApplicationLog;
  private readonly started: PromiseWithResolvers<void> = Promise.withResolvers();
  private readonly closed: PromiseWithResolvers<ReloadOutcome> = Promise.withResolvers();
  /** Reloads that were asked for since the start, by whomever. */
  asked = 0;

  constructor(context: ReloadsContext) {
    const { loaded, load, complete, server, log, notifier } = context;
    const { watch, lastGoodPath } = loaded.config.settings.reload;
    this.log = log;
    this.lastGood = lastGoodPath === null ? null : new LastGood(lastGoodPath, VERSION);
    this.watch = watch
      ? new FileWatch(
          () => void this.reload('a file changed'),
          (folder, code) => log.warn('a folder cannot be watched; reload by signal instead', { folder, code }),
        )
      : null;
    this.reloader = new Reloader(loaded, server.reloadFigures, {
      log,
      started: this.started.promise,
      // The service manager tells reloads apart by when they begin and end, not by who asked.
      onBegun: () => void notifier.reloading(),
      onEnded: ({ status }) => void notifier.send('READY=1', `STATUS=last reload ${status}`),
      load,
      apply: ({ config }) => server.apply(complete(config).traffic),
      onRead: (files) => void this.watch?.follow(files),
      onTaken: (taken) => void this.keep(taken),
    });
  }

  /** The program serves: takes reloads, those that were asked for before, too; watches the files that the configuration came from, and keeps it. */
  start(loaded: LoadedConfig, isFallback: boolean): void {
    this.started.resolve();
    void this.watch?.follow(loaded.files);
    if (!isFallback) void this.keep(loaded);
  }

  /** Reads the configuration anew and takes it, or says why not. Never rejects. */
  reload(reason: string): Promise<ReloadOutcome> {
    this.asked++;
    return Promise.race([this.reloader.reload(reason), this.closed.promise]);
  }

  /** What the configuration leads to has changed, such as an address. */
  replan(): void {
    void this.reloader.replan().then((outcome) => {
      if (outcome.status === 'aborted') this.log.error('changed backends were not taken', { reason: outcome.reason });
    });
  }

  /** Takes no more reloads; whoever waits for one hears why. */
  close(reason: string): void {
    this.watch?.close();
    this.closed.resolve({ status: 'refused', problems: [reason], durationMs: 0 });
  }

  private async keep(loaded: LoadedConfig): Promise<void> {
    try {
      await this.lastGood?.save(loaded);
    } catch (error) {
      this.log.warn('the last good configuration cannot be kept', { error: (error as Error).message });
    }
  }
}
