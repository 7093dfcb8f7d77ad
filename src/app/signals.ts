import { Socket } from 'node:net';

/** Two stop signals within this time are one: a terminal's Ctrl-C reaches the program directly and through npm. */
const SAME_SIGNAL_MS = 1_000;

/** What signals ask for. */
export interface SignalOwner {
  /** First SIGTERM or SIGINT, or the launcher is gone: drain. */
  stop(reason: string): void;
  /** A second one: end at once. */
  stopNow(reason: string): void;
  /** SIGHUP. */
  hangup(): void;
  /** SIGUSR2: hand over to the version on the disk. */
  upgrade(): void;
}

/** Listens to the process's signals, and to the launcher's pipe when there is one. */
export function watchSignals(owner: SignalOwner, launcherFd: number | null): void {
  let firstMs: number | null = null;
  const stop = (reason: string): void => {
    const now = Date.now();
    if (firstMs === null) {
      firstMs = now;
      owner.stop(reason);
    } else if (now - firstMs >= SAME_SIGNAL_MS) {
      owner.stopNow(reason);
    }
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('SIGHUP', () => owner.hangup());
  process.on('SIGUSR2', () => owner.upgrade());
  if (launcherFd === null) return;
  watchLauncher(launcherFd, () => stop('the launcher ended'));
}

/** Only the launcher holds the other end of the pipe: it reads as ended when the launcher dies, however it dies. */
function watchLauncher(fd: number, onGone: () => void): void {
  try {
    // Read as a socket: a file's read would block a thread of the pool, and the end of the process waits for those threads.
    const pipe = new Socket({ fd, readable: true, writable: false });
    pipe.on('end', onGone);
    pipe.on('error', onGone);
    pipe.resume();
  } catch {
    // No such descriptor: there is no launcher.
    setImmediate(onGone);
  }
}
