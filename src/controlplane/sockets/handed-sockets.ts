import { closeSync } from 'node:fs';
import type { ListenAddress, ListenerSettings } from '../../config/resolved-config.ts';

/** A listening socket that another process opened. Plain data. */
export interface HandedSocket {
  /** Name that its listener has where the socket comes from. */
  readonly listener: string;
  readonly address: ListenAddress;
  /** Descriptor in this process. */
  readonly fd: number;
}

/** Listening sockets that came from another process, until every worker has the ones that it is to serve. */
export class HandedSockets {
  private readonly free: Set<HandedSocket>;
  /** Descriptors by the name of the listener that serves them; null = a worker has it. */
  private readonly taken: Map<string, (number | null)[]> = new Map();

  /** Whether there were any at the beginning. */
  readonly isAny: boolean;

  /** A service manager owns the addresses: a socket that is closed cannot be opened again by this process. */
  readonly isPinned: boolean;

  constructor(sockets: readonly HandedSocket[], isPinned: boolean) {
    this.isAny = sockets.length > 0;
    this.isPinned = isPinned && this.isAny;
    this.free = new Set(sockets);
  }

  /**
   * Takes all sockets on a listener's address for it. A listener on port 0 takes those of its name, whatever their port is.
   *
   * @returns the address with its port; null when none is on it
   */
  take(listener: ListenerSettings): ListenAddress | null {
    const found = [...this.free].filter((socket) => isFor(socket, listener));
    const [first] = found;
    if (first === undefined) return null;
    for (const socket of found) this.free.delete(socket);
    this.taken.set(
      listener.name,
      found.map(({ fd }) => fd),
    );
    const { address } = listener;
    return address.kind === 'tcp' && first.address.kind === 'tcp' ? { ...address, port: first.address.port } : address;
  }

  /** Closes what no listener took: a socket that is open and that nobody accepts from swallows connections. */
  closeRest(): void {
    for (const { fd } of this.free) closeSync(fd);
    this.free.clear();
  }

  /**
   * Descriptors that a worker is to serve, given out once: they are closed with the thread, so that its replacement binds anew.
   * Every socket goes to one of the workers, however many there are.
   */
  giveTo(listener: string, ordinal: number, workers: number): readonly number[] {
    const fds = this.taken.get(listener) ?? [];
    const given: number[] = [];
    for (const [place, fd] of fds.entries()) {
      if (fd === null || place % workers !== ordinal) continue;
      given.push(fd);
      fds[place] = null;
    }
    return given;
  }
}

function isFor(socket: HandedSocket, { name, address }: ListenerSettings): boolean {
  const handed = socket.address;
  if (address.kind === 'unix' || handed.kind === 'unix')
    return address.kind === 'unix' && handed.kind === 'unix' && address.path === handed.path;
  if (address.host !== handed.host || address.ipv6Only !== handed.ipv6Only) return false;
  return address.port === handed.port || (address.port === 0 && name === socket.listener);
}
