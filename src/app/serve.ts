import type { LoadedConfig } from '../config/load.ts';
import type { ResolvedConfig } from '../config/resolved-config.ts';
import { addressText, BindProblem } from '../controlplane/sockets/bind.ts';
import { type ApplicationLog, openApplicationLog } from '../telemetry/logs/application-log.ts';
import type { DemoBackends } from './demo-backends.ts';
import { writePidFile } from './pid-file.ts';
import { Server } from './server.ts';
import { watchSignals } from './signals.ts';
import { VERSION } from './version.ts';

/** Name of the serving process, and of no other: `pgrep rwwwrse` must find exactly one (SPEC C). */
const PROCESS_NAME = 'rwwwrse';
const EXIT_FAILED = 1;
const EXIT_ENDED_AT_ONCE = 130;

/** What the serving program gets from its command line. */
export interface ServeOptions {
  readonly loaded: LoadedConfig;
  /** End of the launcher's pipe, or null without a launcher. */
  readonly launcherFd: number | null;
}

/** Runs the proxy until it is told to stop; resolves with the exit status. */
export async function serve(options: ServeOptions): Promise<number> {
  const demo = options.loaded.hasBackends ? null : await (await import('./demo-backends.ts')).startDemoBackends();
  const config = demo === null ? options.loaded.config : withDemo(options.loaded.config, demo);
  const log = openApplicationLog(config.settings.log, (code) => {
    process.stderr.write(`rwwwrse: the log ${config.settings.log.output} cannot be written (${code})\n`);
  });
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = new Server(config, log, (reason) => {
    log.error('the program must be started anew', { reason });
    resolve(EXIT_FAILED);
  });
  watchSignals(signalOwner(server, log, resolve), options.launcherFd);
  process.on('uncaughtException', (error) => log.error('internal defect in main', { error: error.message, stack: error.stack }));
  process.on('unhandledRejection', (error) => log.error('internal defect in main', { error: String(error) }));
  try {
    await server.start();
  } catch (error) {
    process.stderr.write(`rwwwrse: ${startProblem(error)}\n`);
    return EXIT_FAILED;
  }
  process.title = PROCESS_NAME;
  const removePidFile = writePidFile(config.settings.pidFile, log);
  announce(server, config, demo, log);
  const status = await promise;
  removePidFile();
  demo?.close();
  log.flush();
  return status;
}

function signalOwner(server: Server, log: ApplicationLog, ended: (status: number) => void) {
  return {
    stop(reason: string) {
      // A draining program is no longer the one that serves: a successor may carry the name already.
      process.title = 'node';
      log.info('stopping', { reason });
      void server.stop().then(() => {
        log.info('stopped');
        ended(0);
      });
    },
    stopNow(reason: string) {
      log.warn('ended at once', { reason });
      ended(EXIT_ENDED_AT_ONCE);
    },
    hangup() {
      log.info('log files are opened anew', { reason: 'SIGHUP' });
      server.reopenLogs();
    },
  };
}

function startProblem(error: unknown): string {
  if (error instanceof BindProblem || error instanceof Error) return error.message;
  return String(error);
}

function withDemo(config: ResolvedConfig, demo: DemoBackends): ResolvedConfig {
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
