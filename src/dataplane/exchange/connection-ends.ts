import { normalizeAddress } from '../../base/net/cidr.ts';
import type { NetEnd, ProxiedConnection } from '../../base/net/proxy-header.ts';

/** The ends of a client's connection as far as they are known; a socket is one, and is asked only when somebody wants to know. */
export interface ConnectionEnds {
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
}

/** The ends that a PROXY header told of. */
export function endsOf({ source, destination }: ProxiedConnection): ConnectionEnds {
  return { remotePort: source.port, localAddress: destination.address, localPort: destination.port };
}

/**
 * The connection of a client as the next one behind us is told of it. The port is the client's own, or 0 when the client is one
 * that a proxy in front of us spoke of: then the port of the connection would be that proxy's.
 */
export function proxiedConnection(
  client: { readonly clientAddress: string; readonly peerAddress: string },
  ends: ConnectionEnds,
): ProxiedConnection {
  const isPeer = client.clientAddress === client.peerAddress;
  const source: NetEnd = { address: client.clientAddress, port: isPeer ? (ends.remotePort ?? 0) : 0 };
  const local = ends.localAddress ?? '';
  return { source, destination: { address: normalizeAddress(local) ?? local, port: ends.localPort ?? 0 } };
}
