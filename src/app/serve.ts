import { collectStartupGarbage } from '../base/startup-garbage.ts';
import type { ResolvedConfig } from '../config/resolved-config.ts';
import { activatedSockets } from '../controlplane/sockets/activated-sockets.ts';
import { addressText } from '../controlplane/sockets/bind.ts';
import type { HandedSocket } from '../controlplane/sockets/handed-sockets.ts';
import { addressOfDescriptor } from '../controlplane/sockets/listening-addresses.ts';
import { type ApplicationLog, openApplicationLog } from '../telemetry/logs/application-log.ts';
import { controlVerbs, openControl, ownControlPlace } from './control.ts';
import type { DemoBackends } from './demo-backends.ts';
import { endAtOnce } from './end-at-once.ts';
import { writePidFile } from './pid-file.ts';
import { Program, type ServeOptions } from './program.ts';
import type { Server } from './server.ts';
import { VERSION } from '../base/version.ts';

/** Name of the serving process, and of no other: `pgrep rwwwrse` must find exactly one (SPEC C). */
const PROCESS_NAME = 'rwwwrse';
const EXIT_FAILED = 1;

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
  process.on('uncaughtException', (error) =>
    log.error('internal defect in main', { error: error.message, stack: error.stack }),
  );
  process.on('unhandledRejection', (error) => log.error('internal defect in main', { error: String(error) }));
  const activated = activatedBy(options, config);
  if (typeof activated === 'string') {
    process.stderr.write(`rwwwrse: ${activated}\n`);
    return EXIT_FAILED;
  }
  const program = new Program({ options, config, complete, activated, log });
  await program.start();
  const giveUpName = program.server.isReady ? await takeName(program, config, options) : null;
  if (giveUpName !== null) {
    // Before anybody is told to rely on this thread.
    collectStartupGarbage();
    announce(program.server, config, demo, log);
    await options.predecessor?.serving();
  }
  const { status, threadsEnded } = await program.ended;
  program.reloads.close('the program stops');
  giveUpName?.();
  demo?.close();
  const logEnded = await log.flush();
  return threadsEnded && logEnded ? status : endAtOnce(status);
}

/** Sockets of the service manager, or what is wrong with them. */
function activatedBy({ env, predecessor }: ServeOptions, config: ResolvedConfig): readonly HandedSocket[] | string {
  if (predecessor !== null || env['LISTEN_FDS'] === undefined) return [];
  const { pid } = process;
  if (env['LISTEN_PID'] !== String(pid))
    process.stderr.write(
      `rwwwrse: warning: the sockets of the service manager are for process ${env['LISTEN_PID']}, not for this one (${pid})\n`,
    );
  return activatedSockets(config.settings.listeners, { env, pid, addressOf: addressOfDescriptor });
}

/** Makes this process the one that serves, for people, scripts and the service manager; returns what undoes that. */
async function takeName(program: Program, config: ResolvedConfig, options: ServeOptions): Promise<() => void> {
  const { server, reloads, notifier, log } = program;
  const { env, loaded, isFallback } = options;
  process.title = PROCESS_NAME;
  const removePidFile = writePidFile(config.settings.pidFile, log);
  server.reloadFigures.isLastGood = !isFallback;
  const closeControl = await openControl(ownControlPlace(config, server, env), controlVerbs(program), log);
  void notifier.send('READY=1', `STATUS=rwwwrse ${VERSION} serves`);
  notifier.watch();
  reloads.start(loaded, isFallback);
  return () => {
    closeControl();
    removePidFile();
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
