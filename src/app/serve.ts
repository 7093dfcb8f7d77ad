import type { LoadedConfig, RefusedConfig } from '../config/load.ts';
import type { ListenAddress, ResolvedConfig } from '../config/resolved-config.ts';
import type { ControlPlace } from '../controlplane/control/control-path.ts';
import type { ControlVerbs } from '../controlplane/control/control-socket.ts';
import { reloadAnswer } from '../controlplane/reload/reload-answer.ts';
import { addressText } from '../controlplane/sockets/bind.ts';
import { type ApplicationLog, openApplicationLog } from '../telemetry/logs/application-log.ts';
import { openControl } from './control.ts';
import type { DemoBackends } from './demo-backends.ts';
import { endAtOnce } from './end-at-once.ts';
import { writePidFile } from './pid-file.ts';
import { Reloads } from './reloads.ts';
import { Server } from './server.ts';
import { type SignalOwner, watchSignals } from './signals.ts';
import { Succession } from './succession.ts';
import { type Environment, isSuccessor, takeOver } from './successor.ts';
import { VERSION } from './version.ts';

/** Name of the serving process, and of no other: `pgrep rwwwrse` must find exactly one (SPEC C). */
const PROCESS_NAME = 'rwwwrse';
const EXIT_FAILED = 1;
const EXIT_ENDED_AT_ONCE = 130;

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
}

/** How the program ends. */
interface ProgramEnd {
  readonly status: number;
  /** false: a thread may hang in a native call, and an ordinary exit would wait for it. */
  readonly threadsEnded: boolean;
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
  const server: Server = new Server(config, log, {
    unrecoverable: (reason) =>
      void succession.run(reason).then(() => resolve({ status: EXIT_FAILED, threadsEnded: false })),
    addressesChanged: () =>
      void starting.then(() => {
        if (server.isReady) reloads.replan();
      }),
  });
  const succession = new Succession(server, log, options.launcherFd, options.env);
  const reloads = new Reloads({ loaded: options.loaded, load: options.load, complete, server, log });
  watchSignals(signalOwner({ server, succession, reloads, log }, resolve), options.launcherFd);
  process.on('uncaughtException', (error) =>
    log.error('internal defect in main', { error: error.message, stack: error.stack }),
  );
  process.on('unhandledRejection', (error) => log.error('internal defect in main', { error: String(error) }));
  const starting = server.start(isSuccessor(options.env)).catch((error: unknown) => {
    process.stderr.write(`rwwwrse: ${error instanceof Error ? error.message : String(error)}\n`);
    resolve({ status: EXIT_FAILED, threadsEnded: false });
  });
  // A stop during the start ends the program without waiting for the rest of it.
  await Promise.race([starting, promise]);
  const removePidFile = server.isReady ? await takeName(config, log, isSuccessor(options.env)) : null;
  server.reloadFigures.isLastGood = !options.isFallback;
  if (server.isReady) reloads.start(options.loaded, options.isFallback);
  const closeControl = server.isReady
    ? await openControl(controlPlace(config, server, options.env), controlVerbs(server, reloads), log)
    : null;
  if (server.isReady) announce(server, config, demo, log);
  const { status, threadsEnded } = await promise;
  reloads.close();
  closeControl?.();
  removePidFile?.();
  demo?.close();
  const logEnded = await log.flush();
  return threadsEnded && logEnded ? status : endAtOnce(status);
}

/** Makes this process the one that serves, for people and scripts; a predecessor gives name and pid file up first. */
async function takeName(config: ResolvedConfig, log: ApplicationLog, succeeds: boolean): Promise<() => void> {
  if (succeeds) await takeOver();
  process.title = PROCESS_NAME;
  return writePidFile(config.settings.pidFile, log);
}

function controlPlace({ settings }: ResolvedConfig, server: Server, env: Environment): ControlPlace {
  const [first] = settings.listeners;
  const address = server.addresses.get(first?.name ?? '') as ListenAddress;
  return { pidFile: settings.pidFile, address, env, uid: process.geteuid?.() ?? -1 };
}

/** What commands can ask of this program. */
function controlVerbs(server: Server, reloads: Reloads): ControlVerbs {
  return {
    async state() {
      const details = { version: VERSION, pid: process.pid, workers: server.workers, ready: server.isReady };
      return Promise.resolve({ ok: true, message: `rwwwrse ${VERSION} runs as process ${process.pid}`, details });
    },
    async reload() {
      return reloadAnswer(await reloads.reload('a command asked for it'));
    },
  };
}

function signalOwner(
  program: { server: Server; succession: Succession; reloads: Reloads; log: ApplicationLog },
  ended: (end: ProgramEnd) => void,
): SignalOwner {
  const { server, succession, reloads, log } = program;
  let isCut = false;
  return {
    stop(reason: string) {
      // A draining program is no longer the one that serves: a successor may carry the name already.
      process.title = 'node';
      log.info('stopping', { reason });
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
      void reloads.reload('SIGHUP');
    },
  };
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
