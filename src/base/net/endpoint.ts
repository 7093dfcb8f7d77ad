import { hostText, parseHostPort } from './endpoint-host.ts';
import type { Parsed } from './endpoint-host.ts';
import { parseUnixPath } from './endpoint-listen.ts';

/** Where requests go: a backend's URL in parts. */
export interface TargetEndpoint {
  /** What is spoken there. */
  readonly scheme: 'http' | 'https';
  /**
   * What the host is: `host` = a name or address, all addresses of which are one backend; `dns` = a name, each address of which
   * is a backend of its own; `srv` = a name with SRV records (RFC 2782), each of which is a backend; `unix` = a socket.
   */
  readonly kind: 'host' | 'dns' | 'srv' | 'unix';
  /** Lower case; IPv6 without brackets; the absolute path of a unix socket. */
  readonly host: string;
  /** 80 or 443 when none was written; 0 for `srv`, whose records say it, and for `unix`. */
  readonly port: number;
  /** Path that is put before the request's path: empty, or beginning with `/` and not ending with one. */
  readonly basePath: string;
}

const URL_SHAPE = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)([?#].*)?$/s;
const SCHEME = /^(?:(dns|srv)\+)?(https?)$/;
const PATH_BYTES = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/;

/**
 * Parses `http://host[:port][/path]`, the same with `https`, with `dns+` or `srv+` in front, or `unix:/socket[:/path]`. Refused
 * with a reason: other schemes, a missing scheme, user and password, query, fragment, port 0, dot segments and bytes that
 * no path has (RFC 3986 3.3).
 */
export function parseTarget(text: string): Parsed<TargetEndpoint> {
  if (/^unix:/i.test(text)) return parseUnixTarget(text.slice('unix:'.length));
  const match = URL_SHAPE.exec(text);
  if (match === null) return { problem: 'is not a URL: scheme and host are needed' };
  const written = (match[1] as string).toLowerCase();
  const [, discovery = 'host', scheme = ''] = SCHEME.exec(written) ?? [];
  const authority = match[2] as string;
  if (scheme === '') return { problem: `has the unsupported scheme ${written}` };
  if (authority.includes('@')) return { problem: 'has a user or password, which is not supported in a target' };
  if (match[4] !== undefined) return { problem: 'has a query or fragment, which is not supported in a target' };
  if (/^unix:/i.test(authority)) return { problem: 'has a unix socket inside a URL; it is written unix:/socket:/path' };
  const path = parseBasePath(match[3] as string);
  if ('problem' in path) return path;
  const place = parsePlace(authority, scheme as 'http' | 'https', discovery as 'host' | 'dns' | 'srv');
  return 'problem' in place ? place : { value: { ...place.value, basePath: path.value } };
}

/** Host and port of a URL, which depend on how the host is looked up. */
function parsePlace(
  authority: string,
  scheme: 'http' | 'https',
  kind: 'host' | 'dns' | 'srv',
): Parsed<Omit<TargetEndpoint, 'basePath'>> {
  const hostPort = parseHostPort(authority);
  if ('problem' in hostPort) return hostPort;
  const { host, port } = hostPort.value;
  if (port === 0) return { problem: 'has port 0, which nobody can connect to' };
  const isAddress = host.includes(':') || /^[\d.]+$/.test(host);
  if (kind !== 'host' && isAddress) return { problem: `has an address, where ${kind}+${scheme} needs a name` };
  if (kind !== 'srv') return { value: { scheme, kind, host, port: port ?? defaultPort(scheme) } };
  if (port !== null) return { problem: 'has a port, which SRV records say themselves' };
  return { value: { scheme, kind, host, port: 0 } };
}

/** What stands behind `unix:`. The path of the socket ends at the first colon, as in nginx. */
function parseUnixTarget(text: string): Parsed<TargetEndpoint> {
  const colon = text.indexOf(':');
  const socket = parseUnixPath(colon < 0 ? text : text.slice(0, colon));
  if ('problem' in socket) return socket;
  const written = colon < 0 ? '' : text.slice(colon + 1);
  if (colon >= 0 && !written.startsWith('/')) return { problem: 'needs a path that begins with / after the socket' };
  if (/[?#]/.test(written)) return { problem: 'has a query or fragment, which is not supported in a target' };
  const path = parseBasePath(written);
  if ('problem' in path) return path;
  return { value: { scheme: 'http', kind: 'unix', host: socket.value.path, port: 0, basePath: path.value } };
}

function defaultPort(scheme: TargetEndpoint['scheme']): number {
  return scheme === 'http' ? 80 : 443;
}

/**
 * The one spelling of a target: lower case, IPv6 in brackets, no default port, no slash at the end. Two targets are
 * the same backend when their spellings are equal.
 */
export function formatTarget(target: TargetEndpoint): string {
  if (target.kind === 'unix') return `unix:${target.host}${target.basePath === '' ? '' : `:${target.basePath}`}`;
  const lookup = target.kind === 'host' ? '' : `${target.kind}+`;
  return `${lookup}${target.scheme}://${targetAuthority(target)}${target.basePath}`;
}

/** What a request to a target says in `Host`: host and port, without the scheme's own; `localhost` for a unix socket. */
export function targetAuthority({ scheme, kind, host, port }: TargetEndpoint): string {
  if (kind === 'unix') return 'localhost';
  const name = hostText(host);
  return port === 0 || port === defaultPort(scheme) ? name : `${name}:${port}`;
}

function parseBasePath(path: string): Parsed<string> {
  if (!PATH_BYTES.test(path)) return { problem: 'has a path with bytes that a URL path cannot have' };
  const base = path.replace(/\/+$/, '');
  if (base.includes('//')) return { problem: 'has an empty path segment' };
  const hasDots = base.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment));
  return hasDots ? { problem: 'has a path with . or .. segments' } : { value: base };
}
