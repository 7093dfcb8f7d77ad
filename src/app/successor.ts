import { type ChildProcess, spawn } from 'node:child_process';
import { isAbsolute, resolve as resolvePath } from 'node:path';
import type { HandedSocket } from '../controlplane/sockets/handed-sockets.ts';
import type { Environment } from './environment.ts';
import { HANDOVER_VERSION, type HandoverOffer, parseFromSuccessor, type ToSuccessor } from './handover-message.ts';
import { SUCCESSOR_OF } from './predecessor.ts';

/** A successor that was given up gets this long to end in good order. */
const END_MS = 2_000;
/** How long a successor may take for the pid file and the control socket. */
const TAKE_OVER_MS = 5_000;
/** Standard streams and the channel; the sockets follow. */
const FIRST_SOCKET_FD = 4;
/** Meant for the process that systemd started; the successor gets its sockets and its watchdog another way. */
const NOT_INHERITED = ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES', 'WATCHDOG_PID'];

/** What a program gives its successor. */
export interface SuccessorOrder {
  /** This program's own environment, which the successor gets too. */
  readonly env: Environment;
  /** Sockets by their descriptors in this process. */
  readonly sockets: readonly HandedSocket[];
  readonly isPinned: boolean;
  readonly purpose: HandoverOffer['purpose'];
  readonly stickySecret: string;
  /** A successor that does not serve by then is given up. */
  readonly timeoutMs: number;
}

/** Why a successor does not serve, or its version when it does. */
export type SuccessorOutcome = { readonly version: string } | { readonly reason: string };

/**
 * A new process with the same arguments, environment and output, of the program as it is on the disk now. It inherits the
 * listening sockets: their queues live on, so that at no moment a connection is refused or reset.
 */
export class Successor {
  /** Settles once: when it accepts connections, or is given up. Never rejects. */
  readonly ready: Promise<SuccessorOutcome>;
  private readonly settle: (outcome: SuccessorOutcome) => void;
  private readonly order: SuccessorOrder;
  private readonly child: ChildProcess | null;
  private readonly served: PromiseWithResolvers<string | null> = Promise.withResolvers();
  private reason: string | null = null;
  private version = '';

  constructor(order: SuccessorOrder) {
    this.order = order;
    const { promise, resolve } = Promise.withResolvers<SuccessorOutcome>();
    this.ready = promise;
    this.settle = resolve;
    this.child = this.start();
    const timer = setTimeout(
      () => this.giveUp(`it does not serve after ${order.timeoutMs / 1_000} s`),
      order.timeoutMs,
    );
    void promise.then(() => clearTimeout(timer));
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /**
   * Lets it take the name, the pid file and the control socket; resolves when it has, or takes too long.
   *
   * @returns how it ended when it is gone, else null
   */
  async release(): Promise<string | null> {
    this.send({ type: 'release' });
    const timer = setTimeout(() => this.served.resolve(null), TAKE_OVER_MS);
    const how = await this.served.promise;
    clearTimeout(timer);
    if (this.child?.connected === true) this.child.disconnect();
    return how;
  }

  /** Passes a signal on. */
  signal(name: NodeJS.Signals): void {
    this.child?.kill(name);
  }

  /** Ends it, because of this. */
  giveUp(reason: string): void {
    this.settle({ reason });
    const { child } = this;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
    child.once('exit', () => clearTimeout(timer));
  }

  private start(): ChildProcess | null {
    const { env, sockets } = this.order;
    const inherited = Object.fromEntries(Object.entries(env).filter(([name]) => !NOT_INHERITED.includes(name)));
    try {
      const child = spawn(runtimeNow(), [...process.execArgv, '--', ...process.argv.slice(1)], {
        env: { ...inherited, [SUCCESSOR_OF]: String(process.pid) },
        stdio: ['inherit', 'inherit', 'inherit', 'ipc', ...sockets.map(({ fd }) => fd)],
      });
      child.on('message', (message) => this.hear(message));
      child.once('exit', (code, signal) => this.ended(signal ?? `status ${code}`));
      child.once('error', (error: NodeJS.ErrnoException) => this.settle({ reason: unstartable(error) }));
      return child;
    } catch (error) {
      this.settle({ reason: unstartable(error as NodeJS.ErrnoException) });
      return null;
    }
  }

  private hear(message: unknown): void {
    const heard = parseFromSuccessor(message);
    if (heard === null || (heard.type === 'hello' && heard.handover !== HANDOVER_VERSION)) {
      const known = `this program speaks version ${HANDOVER_VERSION} of the handover`;
      this.giveUp(`${known}, the new one ${heard === null ? 'another one' : heard.handover}; restart it instead`);
    } else if (heard.type === 'hello') {
      this.version = heard.version;
      this.offer();
    } else if (heard.type === 'ready') this.settle({ version: this.version });
    else if (heard.type === 'serving') this.served.resolve(null);
    else this.reason = heard.reason;
  }

  private offer(): void {
    const { sockets, isPinned, purpose, stickySecret } = this.order;
    const numbered = sockets.map((socket, place) => ({ ...socket, fd: FIRST_SOCKET_FD + place }));
    this.send({ type: 'offer', sockets: numbered, isPinned, purpose, stickySecret });
  }

  private send(message: ToSuccessor): void {
    // The answer to a message that cannot be sent is the exit, which is heard anyway.
    if (this.child?.connected === true) this.child.send(message, () => undefined);
  }

  private ended(how: string): void {
    this.served.resolve(how);
    this.settle({ reason: this.reason ?? `it ended (${how}) before it served; its standard error may say why` });
  }
}

/** The runtime as the command line named it: a path or a name to look for may lead to a newer one than the one that runs. */
function runtimeNow(): string {
  const { argv0, execPath } = process;
  if (argv0 === 'node' || isAbsolute(argv0)) return argv0;
  return argv0.includes('/') ? resolvePath(argv0) : execPath;
}

function unstartable({ code, message, path }: NodeJS.ErrnoException): string {
  return `it cannot be started (${code ?? message}${path === undefined ? '' : `: ${path}`})`;
}
