import type { BackendTlsSettings } from '../../config/resilience-settings.ts';
import type { CheckEndpoint } from './check-connection.ts';
import type { CheckScope } from './check-scope.ts';
import type { NameResolver } from './name-resolver.ts';

/** The parts of a dependency's URL. User and password are secrets: they are sent, never shown. */
export interface DependencyAddress {
  /** Name or address; empty for a socket file. */
  readonly host: string;
  readonly port: number;
  /** Socket file instead of host and port; null = none. */
  readonly socketPath: string | null;
  readonly isSecure: boolean;
  readonly user: string;
  readonly password: string;
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
  readonly resolver: NameResolver;
}

/** Certificates of dependencies are verified with the system's authorities, always. */
const TLS: BackendTlsSettings = { verify: true, ca: null, certificate: null, key: null, serverName: null };

/** What a scheme stands for. */
interface Scheme {
  readonly port: number;
  readonly isSecure: boolean;
}

const SCHEMES: Readonly<Record<string, Scheme>> = {
  'http:': { port: 80, isSecure: false },
  'https:': { port: 443, isSecure: true },
  'redis:': { port: 6379, isSecure: false },
  'rediss:': { port: 6379, isSecure: true },
  'unix:': { port: 0, isSecure: false },
  'tcp:': { port: 0, isSecure: false },
};

/** Reads a dependency's URL: `http(s)://`, `redis(s)://`, `tcp://host:port`, `unix:///file?db=1`. Null for any other. */
export function parseDependencyUrl(text: string, resolver: NameResolver): DependencyAddress | null {
  const url = URL.parse(text);
  const scheme = url === null ? undefined : SCHEMES[url.protocol];
  if (url === null || scheme === undefined) return null;
  const isSocket = url.protocol === 'unix:';
  const port = url.port === '' ? scheme.port : Number(url.port);
  if (isSocket ? url.pathname === '' : url.hostname === '' || port === 0) return null;
  try {
    return {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port,
      socketPath: isSocket ? decodeURIComponent(url.pathname) : null,
      isSecure: scheme.isSecure,
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      path: isSocket ? `/${url.searchParams.get('db') ?? ''}` : url.pathname,
      query: url.search,
      resolver,
    };
  } catch {
    return null;
  }
}

/** Where to connect to now: names are looked up for every check, so that a dependency that moved is found. */
export async function endpointOf(scope: CheckScope, address: DependencyAddress): Promise<CheckEndpoint> {
  const { host, port, socketPath, isSecure, resolver } = address;
  const tls = isSecure ? TLS : null;
  if (socketPath !== null) return { addresses: [{ path: socketPath }], tls, host, proxyProtocol: 0 };
  scope.phase = 'resolve';
  const addresses = await resolver.resolve(host);
  return { addresses: addresses.map((each) => ({ host: each, port })), tls, host, proxyProtocol: 0 };
}
