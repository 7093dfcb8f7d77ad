import type { CheckEndpoint } from './check-connection.ts';
import type { CheckScope } from './check-scope.ts';
import type { NameResolver } from './name-resolver.ts';

/** The parts of a dependency's URL. User and password are secrets: they are sent, never shown. */
export interface DependencyAddress {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
  readonly user: string;
  readonly password: string;
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
  readonly resolver: NameResolver;
}

/** Certificates of dependencies are verified with the system's authorities, always. */
const TLS = { verify: true, ca: null, certificate: null, key: null, protocols: [] };

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
  'valkey:': { port: 6379, isSecure: false },
  'valkeys:': { port: 6379, isSecure: true },
  'tcp:': { port: 0, isSecure: false },
};

/** Reads a dependency's URL: `http(s)://`, `redis(s)://`, `valkey(s)://` or `tcp://host:port`. Null for any other. */
export function parseDependencyUrl(text: string, resolver: NameResolver): DependencyAddress | null {
  const url = URL.parse(text);
  const scheme = url === null ? undefined : SCHEMES[url.protocol];
  if (url === null || scheme === undefined) return null;
  const port = url.port === '' ? scheme.port : Number(url.port);
  if (url.hostname === '' || port === 0) return null;
  try {
    return {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port,
      isSecure: scheme.isSecure,
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      path: url.pathname,
      query: url.search,
      resolver,
    };
  } catch {
    return null;
  }
}

/** Where to connect to now: names are looked up for every check, so that a dependency that moved is found. */
export async function endpointOf(scope: CheckScope, address: DependencyAddress): Promise<CheckEndpoint> {
  const { host, port, isSecure, resolver } = address;
  const tls = isSecure ? { ...TLS, serverName: host } : null;
  scope.phase = 'resolve';
  const addresses = await resolver.resolve(host);
  return { addresses: addresses.map((each) => ({ host: each, port })), tls, proxyProtocol: 0 };
}
