import type { ListenAddress } from '../../config/resolved-config.ts';
import type { ListenOrder } from '../../dataplane/worker/messages.ts';
import { socketForWorker } from '../sockets/bind.ts';
import type { HandedSockets } from '../sockets/handed-sockets.ts';
import type { UnixSockets } from '../sockets/unix-sockets.ts';

/** What there is to listen on. */
export interface ListenPlaces {
  /** Addresses with their ports, by listener name. */
  readonly addresses: ReadonlyMap<string, ListenAddress>;
  /** Sockets that a predecessor handed over. */
  readonly handed: HandedSockets;
  readonly unixSockets: UnixSockets;
  /** Workers that there are. */
  readonly workers: number;
}

/** What a new worker listens on: the sockets that were handed over and are its own share, and for other listeners one that it binds. */
export function listenOrders(
  { addresses, handed, unixSockets, workers }: ListenPlaces,
  ordinal: number,
): ListenOrder[] {
  const orders: ListenOrder[] = [];
  for (const [listener, address] of addresses) {
    const fds = handed.giveTo(listener, ordinal, workers);
    for (const fd of fds) orders.push({ listener, socket: { fd } });
    if (fds.length > 0) unixSockets.adopt(address);
    // A unix socket has one accept queue and no reusePort: the first worker serves it.
    else if (address.kind === 'tcp' || ordinal === 0) orders.push({ listener, socket: socketForWorker(address) });
  }
  return orders;
}
