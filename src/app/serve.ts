import type { LoadedConfig, RefusedConfig } from '../config/load.ts';
import type { ResolvedConfig } from '../config/resolved-config.ts';
import { addressText } from '../controlplane/sockets/bind.ts';
import { type ApplicationLog, openApplicationLog } from '../telemetry/logs/application-log.ts';
import { controlVerbs, openControl, ownControlPlace } from './control.ts';
import type { DemoBackends } from './demo-backends.ts';
import { endAtOnce } from './end-at-once.ts';
import type { Environment } from './environment.ts';
import { writePidFile } from './pid-file.ts';
import type { Predecessor } from './predecessor.ts';
import { type ProgramEnd, programSignals } from './program-signals.ts';
import { Reloads } from './reloads.ts';
import { Server } from './server.ts';
import { ServiceNotifier } from './service-notifier.ts';
import { watchSignals } from './signals.ts';
import { Succession } from './succession.ts';
import { Upgrade } from './upgrade.ts';
import { VERSION } from './version.ts';
import { ownWatched, watcherOf } from './watcher.ts';

/** Name of the serving process, and of no other: `pgrep rwwwrse` must find exactly one (SPEC C). */
const PROCESS_NAME = 'rwwwrse';
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

/** Runs the proxy until it is told to stop; resolves with the exit status, or ends the process itself when a thread hangs. */
export async function serve(options: ServeOptions): Promise<number> {
  const demo = options.loaded.hasBackends ? null : await (await import('./demo-backends.ts')).startDemoBackends();
  const complete = (read: ResolvedConfig): ResolvedConfig => (demo === null ? read : withDemo(read, demo));
  const config = complete(options.loaded.config);
  const log = openApplicationLog(config.settings.log, (code) => {
    process.stderr.write(`rwwwrse: the log ${config.settings.log.output} cannot be written (${code})\n`);
  });
  // A terminal or a pipe that is gone is no reason to end, and no defect.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const { promise, resolve } = Promise.withResolvers<ProgramEnd>();
  const { predecessor, env, launcherFd } = options;
  const offer = predecessor?.offer;
  const inheritance = { sockets: offer?.sockets ?? [], stickySecret: offer?.stickySecret ?? null };
  const server: Server = new Server(config, log, inheritance, {
    unrecoverable(reason) {
      upgrade.cancel();
      void succession.run(reason).then(() => resolve({ status: EXIT_FAILED, threadsEnded: false }));
    },
    addressesChanged: () =>
      void starting.then(() => {
        if (server.isReady) reloads.replan();
      }),
  });
  const notifier = new ServiceNotifier(env, log);
  const watcher = watcherOf(ownWatched(launcherFd, env));
  const context = { server, log, env, notifier, watcher };
  const succession = new Succession({ ...context, isRescuer: offer?.purpose === 'rescue' });
  const reloads = new Reloads({ loaded: options.loaded, load: options.load, complete, server, log, notifier });
  const { upgradeTimeoutMs: timeoutMs, shutdownTimeoutMs: drainMs } = config.settings;
  const upgrade = new Upgrade({
    ...context,
    timeoutMs,
    drainMs,
    onHandedOver(drained) {
      reloads.close();
      void drained.then((threadsEnded) => {
        log.info('stopped');
        resolve({ status: 0, threadsEnded });
      });
    },
  });
  watchSignals(programSignals({ server, succession, upgrade, reloads, notifier, log }, resolve), launcherFd);
  process.on('uncaughtException', (error) =>
    log.error('internal defect in main', { error: error.message, stack: error.stack }),
  );
  process.on('unhandledRejection', (error) => log.error('internal defect in main', { error: String(error) }));
  const starting = server.start().catch(async (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`rwwwrse: ${message}\n`);
    await predecessor?.failed(message);
    resolve({ status: EXIT_FAILED, threadsEnded: false });
  });
  // A stop during the start ends the program without waiting for the rest of it.
  await Promise.race([starting, promise]);
  if (server.isReady && predecessor !== null) await Promise.race([predecessor.release(), promise]);
  const removePidFile = server.isReady ? takeName(config, log) : null;
  server.reloadFigures.isLastGood = !options.isFallback;
  if (server.isReady) reloads.start(options.loaded, options.isFallback);
  const closeControl = server.isReady
    ? await openControl(ownControlPlace(config, server, env), controlVerbs({ server, reloads, upgrade }), log)
    : null;
  if (server.isReady) {
    announce(server, config, demo, log);
    void notifier.send('READY=1', `STATUS=rwwwrse ${VERSION} serves`);
    notifier.watch();
    await predecessor?.serving();
  }
  const { status, threadsEnded } = await promise;
  reloads.close();
  closeControl?.();
  removePidFile?.();
  demo?.close();
  const logEnded = await log.flush();
  return threadsEnded && logEnded ? status : endAtOnce(status);
}

/** Makes this process the one that serves, for people and scripts. */
function takeName(config: ResolvedConfig, log: ApplicationLog): () => void {
  process.title = PROCESS_NAME;
  return writePidFile(config.settings.pidFile, log);
}

/** A configuration that names no backend gets the demo's. */
function withDemo(config: ResolvedConfig, demo: DemoBackends): ResolvedConfig {
  if (config.traffic.routes.length > 0 || config.traffic.defaultBackend.length > 0) return config;
  const defaultBackend = demo.urls.map((url) => ({ url, weight: 1 }));
  return { ...config, traffic: { ...config.traffic, defaultBackend } };
}

function announce(server: Server, config: ResolvedConfig, demo: DemoBackends | null, log: ApplicationLog): void {
  const listeners = [...server.addresses].map(([name, address]) => ({ name, address: addressText(address) }));
  log.info('listening', { version: VERSION, pid: process.pid, workers: server.workers, listeners });
  if (demo === null) return;
  const main = server.addresses.get('main');
  const port = main?.kind === 'tcp' ? main.port : 8080;
  const { endpoints } = config.traffic;
  process.stdout.write(
    `\nrwwwrse ${VERSION} runs without a configuration: it proxies to two demo backends (${demo.urls.join(', ')}).\n` +
      `Try:\n  curl http://localhost:${port}/hello\n  curl http://localhost:${port}${endpoints.healthPath}\n` +
      `  curl http://localhost:${port}${endpoints.metricsPath}\n\n`,
  );
}
