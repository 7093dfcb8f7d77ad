import { chmodSync, renameSync, rmSync, statSync } from 'node:fs';
import type { ListenAddress } from '../../config/resolved-config.ts';

/** Where a unix socket listens before it takes its own path; what an earlier attempt left there is removed. */
export function stagingPath(path: string): string {
  const staging = `${path}.${process.pid}`;
  rmSync(staging, { force: true });
  return staging;
}

/**
 * The paths of unix sockets. A worker listens beside the path and main renames the socket onto it: at every moment the path
 * leads to a socket with its final mode, a replacement needs no gap, and a closing predecessor, which removes the name that it
 * bound, cannot remove its replacement's.
 */
export class UnixSockets {
  private readonly inodes: Map<string, number> = new Map();
  /** Paths that lead to a socket which another process has put there. */
  private readonly adopted: Set<string> = new Set();

  /** Moves a listening socket to its path; other kinds of addresses, and a socket that was adopted, need nothing. */
  publish(address: ListenAddress): void {
    if (address.kind !== 'unix' || this.adopted.delete(address.path)) return;
    const staging = `${address.path}.${process.pid}`;
    chmodSync(staging, address.mode);
    this.inodes.set(address.path, statSync(staging).ino);
    renameSync(staging, address.path);
  }

  /** Takes a path over from the process that put its socket there and handed it to this one. */
  adopt(address: ListenAddress): void {
    if (address.kind !== 'unix' || this.inodes.has(address.path)) return;
    const file = statSync(address.path, { throwIfNoEntry: false });
    if (file?.isSocket() !== true) return;
    chmodSync(address.path, address.mode);
    this.inodes.set(address.path, file.ino);
    this.adopted.add(address.path);
  }

  /** Leaves all paths to a process that adopted them. */
  leaveAll(): void {
    this.inodes.clear();
  }

  /** Removes the paths that still lead to a socket of this process. */
  removeAll(): void {
    for (const [path, inode] of this.inodes)
      if (statSync(path, { throwIfNoEntry: false })?.ino === inode) rmSync(path, { force: true });
  }
}
