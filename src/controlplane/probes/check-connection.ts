import { connect, isIP, type Socket } from 'node:net';
import type { BackendTlsSettings } from '../../config/resilience-settings.ts';
import { watchClosingAlert } from '../../dataplane/upstream/tls/closing-alert.ts';
import { loadTls } from '../../dataplane/upstream/tls/load-tls.ts';
import { SecureContexts } from '../../dataplane/upstream/tls/secure-contexts.ts';
import type { WireTarget } from '../../dataplane/wire/open.ts';
import type { CheckScope } from './check-scope.ts';

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
export async function connectPlain(scope: CheckScope, endpoint: CheckEndpoint): Promise<Socket> {
  scope.phase = 'connect';
  const { addresses, proxyProtocol } = endpoint;
  let lastError: unknown = new Error('no address');
  for (const [tried, address] of addresses.entries()) {
    try {
      const socket = await connectTo(scope, address, scope.remainingMs / (addresses.length - tried));
      if (proxyProtocol !== 0) socket.write(PROXY_HEADERS[proxyProtocol]);
      return socket;
    } catch (error) {
      lastError = error;
    }
  }
  throw lastError;
}

/** As {@link connectPlain}, and the TLS handshake where the endpoint has TLS. */
export async function connectEndpoint(scope: CheckScope, endpoint: CheckEndpoint): Promise<Socket> {
  const socket = await connectPlain(scope, endpoint);
  if (endpoint.tls !== null) return secure(scope, socket, endpoint.tls);
  scope.phase = 'answer';
  return socket;
}

function connectTo(scope: CheckScope, address: WireTarget, limitMs: number): Promise<Socket> {
  const options = 'path' in address ? address : { host: address.host, port: address.port, noDelay: true };
  const socket = scope.own(connect({ ...options, autoSelectFamily: false }));
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const timer = setTimeout(() => {
    reject(Object.assign(new Error('connect timeout'), { code: 'ETIMEDOUT' }));
    socket.destroy();
  }, limitMs).unref();
  socket.once('error', reject);
  // Destroyed without an error, at the end of the check: somebody else has told the verdict.
  socket.once('close', () => reject(new Error('closed')));
  socket.once('connect', () => resolve(socket));
  return promise.finally(() => clearTimeout(timer));
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
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('error', reject);
  socket.once('close', () => reject(new Error('closed')));
  socket.once('secureConnect', resolve);
  await promise;
  scope.phase = 'answer';
  return socket;
}
