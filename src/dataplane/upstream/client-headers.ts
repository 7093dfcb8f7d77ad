import { proxyHeader } from '../../base/net/proxy-header-text.ts';
import { proxiedConnection } from '../exchange/connection-ends.ts';
import type { LeaseWaiter } from '../exchange/upstream.ts';
import type { ClientHeaders } from './opening.ts';

/**
 * Connections to a backend that is sent the PROXY protocol. A header names one client for the whole life of its connection, so a
 * connection is used again only for what its header tells: by the same client, as a rule on the same connection of its own. Where
 * the client connected to is told as well, and backends take port 443 for TLS.
 */
export function createClientHeaders(version: 1 | 2): ClientHeaders {
  return {
    clientOf({ exchange }: LeaseWaiter): string {
      const { source, destination } = proxiedConnection(exchange, exchange.ends);
      return `${source.address} ${source.port} ${destination.address} ${destination.port}`;
    },
    headerOf({ exchange }: LeaseWaiter): Buffer {
      return proxyHeader(version, proxiedConnection(exchange, exchange.ends));
    },
  };
}
