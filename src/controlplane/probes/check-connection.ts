import { connect, isIP, type Socket } from 'node:net';
import type { BackendTlsSettings } from '../../config/resilience-settings.ts';
import { watchClosingAlert } from '../../dataplane/upstream/tls/closing-alert.ts';
import { loadTls } from '../../dataplane/upstream/tls/load-tls.ts';
import { SecureContexts } from '../../dataplane/upstream/tls/secure-contexts.ts';
import type { WireTarget } from '../../dataplane/wire/open.ts';
import type { CheckScope } from './check-scope.ts';
import { Patience } from './patience.ts';

/** How a check secures its connections. */
export interface CheckTls extends BackendTlsSettings {
  /** Name or address that the certificate must be for. */
  readonly serverName: string;
  /** What is spoken (ALPN, RFC 7301); empty = nothing is said about it. */
  readonly protocols: readonly string[];
}

/** Where a check connects to, and how. */
export interface CheckEndpoint {
  /** Tried in this order; a check that reaches one of them has reached the backend. */
  readonly addresses: readonly WireTarget[];
  /** Null = plain text. */
  readonly tls: CheckTls | null;
  /** Version of the PROXY header that a connection begins with; 0 = none. */
  readonly proxyProtocol: 0 | 1 | 2;
}

/** Says where to connect to, at the begin of every check. */
export type FindEndpoint = (scope: CheckScope) => CheckEndpoint | Promise<CheckEndpoint>;

/** PROXY headers that speak for no client (PROXY protocol 2.1 `UNKNOWN`, 2.2 `LOCAL`): meant for checks. */
const PROXY_HEADERS: Readonly<Record<1 | 2, Buffer>> = {
  1: Buffer.from('PROXY UNKNOWN\r\n', 'latin1'),
  2: Buffer.from('\r\n\r\n\0\r\nQUIT\n\x20\x00\0\0', 'latin1'),
};

/** Connects to the first address that accepts, with a fair share of the time for each; throws what the last one threw. */
export function connectPlain(scope: CheckScope, endpoint: CheckEndpoint): Promise<Socket> {
  return connectFirst(scope, endpoint, null);
}

/** As {@link connectPlain}, and the TLS handshake where the endpoint has TLS: an address that fails it is none that accepts. */
export async function connectEndpoint(scope: CheckScope, endpoint: CheckEndpoint): Promise<Socket> {
  const socket = await connectFirst(scope, endpoint, endpoint.tls);
  scope.phase = 'answer';
  return socket;
}

async function connectFirst(
  scope: CheckScope,
  { addresses, proxyProtocol }: CheckEndpoint,
  tls: CheckTls | null,
): Promise<Socket> {
  let lastError: unknown = new Error('no address');
  for (const [tried, address] of addresses.entries()) {
    scope.phase = 'connect';
    const left = addresses.length - tried;
    const socket = scope.own(open(address));
    // The time of the last one is that of the check, which ends it itself.
    const patience = left > 1 ? new Patience(scope.remainingMs / left, () => socket.destroy()) : null;
    try {
      await happened(socket, 'connect');
      if (proxyProtocol !== 0) socket.write(PROXY_HEADERS[proxyProtocol]);
      return tls === null ? socket : await secure(scope, socket, tls);
    } catch (error) {
      lastError = error;
      socket.destroy();
    } finally {
      patience?.stop();
    }
  }
  throw lastError;
}

function open(address: WireTarget): Socket {
  const options = 'path' in address ? address : { host: address.host, port: address.port, noDelay: true };
  return connect({ ...options, autoSelectFamily: false });
}

/** Waits for an event of a socket; throws its error, or that it was closed before without one. */
function happened(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('error', reject);
  socket.once('close', () => reject(new Error('closed')));
  socket.once(event, resolve);
  return promise;
}

/** Checks of backends with the same certificates share them, and trust whom the requests of workers trust. */
const CONTEXTS = new SecureContexts();

/** Loads `node:tls` only when a check needs it. */
async function secure(scope: CheckScope, plain: Socket, tls: CheckTls): Promise<Socket> {
  scope.phase = 'tls';
  const { verify, serverName, protocols } = tls;
  const socket = scope.own(
    loadTls().connect({
      socket: plain,
      secureContext: CONTEXTS.of(tls),
      // An address is verified, but not asked for (RFC 6066 3).
      host: serverName,
      ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
      ...(protocols.length === 0 ? {} : { ALPNProtocols: [...protocols] }),
      rejectUnauthorized: verify,
    }),
  );
  scope.isCutShort = watchClosingAlert(socket);
  await happened(socket, 'secureConnect');
  return socket;
}
