import { parseHostPort } from './endpoint-host.ts';
import type { Parsed } from './endpoint-host.ts';

/** Where requests go: a backend's URL in parts. */
export interface TargetEndpoint {
  readonly scheme: 'http' | 'https';
  /** Lower case; IPv6 without brackets. */
  readonly host: string;
  /** 80 or 443 when none was written. */
  readonly port: number;
  /** Path that is put before the request's path: empty, or beginning with `/` and not ending with one. */
  readonly basePath: string;
}

const URL_SHAPE = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)([?#].*)?$/s;
const PATH_BYTES = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/;

/**
 * Parses `http://host[:port][/path]` or the same with `https`. Refused with a reason: other schemes, a missing
 * scheme, user and password, query, fragment, port 0, dot segments and bytes that no path has (RFC 3986 3.3).
 */
export function parseTarget(text: string): Parsed<TargetEndpoint> {
  const match = URL_SHAPE.exec(text);
  if (match === null)
    return { problem: /^unix:/i.test(text) ? UNIX_TARGET : 'is not a URL: scheme and host are needed' };
  const scheme = (match[1] as string).toLowerCase();
  const authority = match[2] as string;
  if (scheme !== 'http' && scheme !== 'https') {
    return { problem: scheme === 'unix' ? UNIX_TARGET : `has the unsupported scheme ${scheme}` };
  }
  if (authority.includes('@')) return { problem: 'has a user or password, which is not supported in a target' };
  if (match[4] !== undefined) return { problem: 'has a query or fragment, which is not supported in a target' };
  const path = parseBasePath(match[3] as string);
  if ('problem' in path) return path;
  const hostPort = parseHostPort(authority);
  if ('problem' in hostPort) return hostPort;
  const port = hostPort.value.port ?? (scheme === 'http' ? 80 : 443);
  if (port === 0) return { problem: 'has port 0, which nobody can connect to' };
  return { value: { scheme, host: hostPort.value.host, port, basePath: path.value } };
}

const UNIX_TARGET = 'is a unix socket, which is not supported as a target in this version';

/**
 * The one spelling of a target: lower case, IPv6 in brackets, no default port, no slash at the end. Two targets are
 * the same backend when their spellings are equal.
 */
export function formatTarget(target: TargetEndpoint): string {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  const isDefault = target.port === (target.scheme === 'http' ? 80 : 443);
  return `${target.scheme}://${host}${isDefault ? '' : `:${target.port}`}${target.basePath}`;
}

function parseBasePath(path: string): Parsed<string> {
  if (!PATH_BYTES.test(path)) return { problem: 'has a path with bytes that a URL path cannot have' };
  const base = path.replace(/\/+$/, '');
  if (base.includes('//')) return { problem: 'has an empty path segment' };
  const hasDots = base.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment));
  return hasDots ? { problem: 'has a path with . or .. segments' } : { value: base };
}
