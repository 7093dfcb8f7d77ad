import { spawn } from 'node:child_process';
import type { ApplicationLog } from '../telemetry/logs/application-log.ts';
import type { Environment } from './environment.ts';

/** systemd answers at once; a program that waits longer would rather go on. */
const NOTIFY_MS = 5_000;

/**
 * Tells the service manager about the program (sd_notify(3)), one message after the other. Node has no datagram sockets of the
 * unix kind, so systemd's own command sends them. It waits until systemd has read its message: of a sender that is gone
 * systemd could not tell which service it belongs to, as systemd-notify(1) warns of `--no-block`.
 *
 * Without `NOTIFY_SOCKET` nothing is sent.
 */
export class ServiceNotifier {
  private isActive: boolean;
  private readonly env: Environment;
  private readonly log: ApplicationLog;
  private last: Promise<void> = Promise.resolve();
  private warned = false;

  constructor(env: Environment, log: ApplicationLog) {
    this.isActive = env['NOTIFY_SOCKET'] !== undefined && env['NOTIFY_SOCKET'] !== '';
    this.env = env;
    this.log = log;
  }

  /** Sends assignments such as `READY=1` behind all earlier ones; resolves when they are read, or could not be sent. Never rejects. */
  send(...assignments: readonly string[]): Promise<void> {
    if (!this.isActive) return Promise.resolve();
    this.last = this.last.then(() => this.run(assignments));
    return this.last;
  }

  /** A reload begins; `READY=1` ends it. systemd wants to know when, so that it can tell reloads apart. */
  reloading(): Promise<void> {
    return this.send('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1_000n}`);
  }

  /** Says `MAINPID` last of all: from then on another process speaks for the service. */
  async retire(mainPid: number | undefined): Promise<void> {
    await this.send(`MAINPID=${mainPid}`);
    this.isActive = false;
  }

  /**
   * Tells of life at half of the time that the service manager allows (`WATCHDOG_USEC`), for as long as this thread's event loop
   * turns. The workers have a watchdog of their own.
   */
  watch(): void {
    const { WATCHDOG_USEC: allowedUs, WATCHDOG_PID: pid } = this.env;
    const periodMs = Number(allowedUs) / 2 / 1_000;
    if (!this.isActive || !(periodMs > 0) || (pid !== undefined && pid !== String(process.pid))) return;
    let isSending = false;
    setInterval(() => {
      if (isSending) return;
      isSending = true;
      void this.send('WATCHDOG=1').then(() => (isSending = false));
    }, periodMs).unref();
  }

  private async run(assignments: readonly string[]): Promise<void> {
    const problem = await this.notify(assignments).catch(
      ({ code }: NodeJS.ErrnoException) => code ?? 'it does not start',
    );
    if (problem === null || this.warned) return;
    this.warned = true;
    this.log.warn('the service manager cannot be told (NOTIFY_SOCKET is set, but systemd-notify fails)', { problem });
  }

  /** Resolves with what went wrong, or null; rejects when no process can be started. */
  private async notify(assignments: readonly string[]): Promise<string | null> {
    const { promise, resolve, reject } = Promise.withResolvers<string | null>();
    const child = spawn('systemd-notify', assignments, {
      env: { ...this.env },
      stdio: 'ignore',
      timeout: NOTIFY_MS,
      killSignal: 'SIGKILL',
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code === 0 ? null : (signal ?? `status ${code}`)));
    return promise;
  }
}
