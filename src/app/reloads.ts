import type { LoadedConfig, RefusedConfig } from '../config/load.ts';
import type { ResolvedConfig } from '../config/resolved-config.ts';
import { FileWatch } from '../controlplane/reload/file-watch.ts';
import { LastGood } from '../controlplane/reload/last-good.ts';
import type { ReloadOutcome } from '../controlplane/reload/reload-outcome.ts';
import { Reloader } from '../controlplane/reload/reloader.ts';
import type { ApplicationLog } from '../telemetry/logs/application-log.ts';
import type { Server } from './server.ts';
import type { ServiceNotifier } from './service-notifier.ts';
import { VERSION } from './version.ts';

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
  private readonly notifier: ServiceNotifier;

  constructor(context: ReloadsContext) {
    const { loaded, load, complete, server, log } = context;
    this.notifier = context.notifier;
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
      load,
      apply: ({ config }) => server.apply(complete(config).traffic),
      onRead: (files) => void this.watch?.follow(files),
      onTaken: (taken) => void this.keep(taken),
    });
  }

  /** The program serves: watches the files that the configuration came from, and keeps it. */
  start(loaded: LoadedConfig, isFallback: boolean): void {
    void this.watch?.follow(loaded.files);
    if (!isFallback) void this.keep(loaded);
  }

  /** Reads the configuration anew and takes it, or says why not. Never rejects. */
  async reload(reason: string): Promise<ReloadOutcome> {
    void this.notifier.reloading();
    const outcome = await this.reloader.reload(reason);
    void this.notifier.send('READY=1', `STATUS=last reload ${outcome.status}`);
    return outcome;
  }

  /** What the configuration leads to has changed, such as an address. */
  replan(): void {
    void this.reloader.replan().then((outcome) => {
      if (outcome.status === 'aborted') this.log.error('changed backends were not taken', { reason: outcome.reason });
    });
  }

  close(): void {
    this.watch?.close();
  }

  private async keep(loaded: LoadedConfig): Promise<void> {
    try {
      await this.lastGood?.save(loaded);
    } catch (error) {
      this.log.warn('the last good configuration cannot be kept', { error: (error as Error).message });
    }
  }
}
