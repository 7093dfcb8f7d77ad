import { isIP } from 'node:net';

import { parseHostPort } from './endpoint-host.ts';
import type { Parsed } from './endpoint-host.ts';

/** Where a listener binds. */
export type ListenEndpoint =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** `sun_path` of a unix socket has 108 bytes with its NUL (unix(7)); longer paths are cut silently by some systems. */
const MAX_UNIX_PATH_BYTES = 107;

/** Parses `ip:port`, `[ipv6]:port` or `unix:/absolute/path`; port 0 lets the kernel choose. */
export function parseListenAddress(text: string): Parsed<ListenEndpoint> {
  if (/^unix:/i.test(text)) return parseUnixPath(text.slice('unix:'.length));
  if (/^:\d*$/.test(text)) return { problem: 'has no host: write 0.0.0.0 for IPv4 or [::] for IPv4 and IPv6' };
  const hostPort = parseHostPort(text);
  if ('problem' in hostPort) return hostPort;
  const { port } = hostPort.value;
  if (port === null) return { problem: 'has no port' };
  const host = parseBindHost(hostPort.value.host);
  return 'problem' in host ? host : { value: { kind: 'tcp', host: host.value, port } };
}

/**
 * An address to bind: an IP address (IPv6 with or without brackets) or `localhost`, which is 127.0.0.1. Other names
 * are refused: what they resolve to may change, or be an address of another machine.
 */
export function parseBindHost(text: string): Parsed<string> {
  const host = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (host.toLowerCase() === 'localhost') return { value: '127.0.0.1' };
  if (host.includes('%')) return { problem: 'has a zone id, which is not supported' };
  return isIP(host) === 0 ? { problem: 'is not an IP address' } : { value: host.toLowerCase() };
}

/** The absolute path of a unix socket, short enough for a socket address. */
export function parseUnixPath(path: string): Parsed<{ readonly kind: 'unix'; readonly path: string }> {
  if (!path.startsWith('/')) return { problem: 'needs an absolute path after unix:' };
  if (path.includes('\0')) return { problem: 'has a NUL byte in its path' };
  const tooLong = Buffer.byteLength(path) > MAX_UNIX_PATH_BYTES;
  return tooLong
    ? { problem: `has a path longer than ${MAX_UNIX_PATH_BYTES} bytes` }
    : { value: { kind: 'unix', path } };
}
