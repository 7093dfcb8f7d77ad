import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Names the predecessor's process id in a successor's environment. */
const SUCCESSOR_OF = 'RWWWRSE_SUCCESSOR_OF';
/** A successor that does not serve by then is given up. */
const READY_MS = 15_000;

/** Environment variables of the process; only the command line reads them (DESIGN.md 2). */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether this process was started by a running program to take its ports over. A variable that only leaked in does not count. */
export function isSuccessor(env: Environment): boolean {
  return process.send !== undefined && env[SUCCESSOR_OF] === String(process.ppid);
}

/** Tells the predecessor that this process listens; resolves when that one gave up its name and its pid file, or is gone. */
export async function takeOver(): Promise<void> {
  const released = once(process, 'disconnect');
  process.send?.('ready');
  await released;
}

/**
 * A new process of the same program with the same arguments, environment, output and inherited settings. It listens beside this
 * one (`reusePort`), so that no moment is without a listener.
 */
export class Successor {
  /** Whether it listens: true once it does, false when it ended before that or took too long. */
  readonly ready: Promise<boolean>;
  private readonly child: ChildProcess;

  /** @param env this program's own environment, which the successor gets too */
  constructor(env: Environment) {
    this.child = spawn(process.execPath, [...process.execArgv, '--', ...process.argv.slice(1)], {
      env: { ...env, [SUCCESSOR_OF]: String(process.pid) },
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    });
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.ready = promise;
    const timer = setTimeout(() => {
      this.child.kill('SIGKILL');
      resolve(false);
    }, READY_MS);
    this.child.once('message', () => resolve(true));
    this.child.once('exit', () => resolve(false));
    this.child.once('error', () => resolve(false));
    void promise.then(() => clearTimeout(timer));
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Lets it take the name. */
  release(): void {
    this.child.disconnect();
  }

  /** Passes a signal on. */
  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }
}
