import { hostText } from '../../base/net/endpoint-host.ts';
import { rmSync, statSync } from 'node:fs';
import net from 'node:net';
import type { ListenAddress, ListenerSettings } from '../../config/resolved-config.ts';
import { stagingPath } from './unix-sockets.ts';

/** A listener cannot be opened; the message is one line for the operator. */
class BindProblem extends Error {}

/** What one worker listens on. */
export type WorkerSocket =
  | { readonly path: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly ipv6Only: boolean;
      readonly reusePort: true;
      readonly exclusive: true;
    };

/**
 * Fails when somebody listens on the address already. `reusePort` sockets of two programs share a port silently, so the port
 * is first bound without it (DESIGN.md 4). Port 0 is made a number, the same for all workers.
 *
 * @returns the address with its port
 */
export async function probeAddress(listener: ListenerSettings): Promise<ListenAddress> {
  const { address } = listener;
  if (address.kind === 'unix') {
    await removeStaleSocket(listener.name, address.path);
    return address;
  }
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new BindProblem(bindText(listener, error.code ?? ''))),
    );
    server.listen({ host: address.host, port: address.port, ipv6Only: address.ipv6Only, exclusive: true }, () => {
      const bound = server.address();
      const port = bound !== null && typeof bound === 'object' ? bound.port : address.port;
      server.close(() => resolve({ ...address, port }));
    });
  });
}

/**
 * What one worker binds for a probed address. The worker binds it itself: a `net.BoundSocket` that main hands over loses its
 * close-on-exec flag on the way (Node 26.10 duplicates the descriptor without it), and every process that the program starts
 * would then keep a listening socket that nobody accepts from.
 */
export function socketForWorker(address: ListenAddress): WorkerSocket {
  if (address.kind === 'unix') return { path: stagingPath(address.path) };
  const { host, port, ipv6Only } = address;
  return { host, port, ipv6Only, reusePort: true, exclusive: true };
}

/** An address as a person writes it. */
export function addressText(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return `${hostText(address.host)}:${address.port}`;
}

function bindText(listener: ListenerSettings, code: string): string {
  const where = `listener ${listener.name}: ${addressText(listener.address)}`;
  if (code === 'EADDRINUSE')
    return `${where} is in use by another program (another rwwwrse?); stop it or choose another port`;
  if (code === 'EACCES')
    return `${where} needs a privilege this user does not have (ports below 1024: CAP_NET_BIND_SERVICE)`;
  if (code === 'EADDRNOTAVAIL') return `${where} is not an address of this machine`;
  return `${where} cannot be opened (${code})`;
}

async function removeStaleSocket(name: string, path: string): Promise<void> {
  const file = statSync(path, { throwIfNoEntry: false });
  if (file === undefined) return;
  // A connection to any other file is refused as well: without this look it would be taken for a stale socket and removed.
  if (!file.isSocket()) throw new BindProblem(`listener ${name}: ${path} exists and is not a socket; move it away`);
  if (await isListening(path))
    throw new BindProblem(
      `listener ${name}: unix:${path} is in use by another program; stop it or choose another path`,
    );
  rmSync(path, { force: true });
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}
