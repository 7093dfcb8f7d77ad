import { isIPv4, isIPv6 } from 'node:net';

/** What a parser found, or in words why it found nothing (the words follow the quoted input in a message). */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** A host and a port; an IPv6 host is without brackets. */
interface HostPort {
  readonly host: string;
  /** null when none was written. */
  readonly port: number | null;
}

const HOST_PORT = /^(\[[^[\]]*\]|[^:[\]]*)(?::(\d*))?$/;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/;
const MAX_NAME = 253;
const MAX_LABEL = 63;
const MAX_PORT = 65_535;

/**
 * `host`, `host:port`, `[ipv6]` or `[ipv6]:port` in lower case. Names may have underscores, as container names do.
 * Refused: zone ids, ports outside 0 to 65535, and the short or octal IPv4 forms that resolvers read differently
 * (`127.1`, `010.0.0.1`).
 */
export function parseHostPort(text: string): Parsed<HostPort> {
  const match = HOST_PORT.exec(text);
  if (match === null) {
    return { problem: isIPv6(text) ? 'must have its IPv6 address in brackets' : 'has no valid host and port' };
  }
  const host = parseHost((match[1] as string).toLowerCase());
  if ('problem' in host) return host;
  if (match[2] === undefined) return { value: { host: host.value, port: null } };
  const port = parsePort(match[2]);
  return port === null
    ? { problem: 'has a port that is not a number from 0 to 65535' }
    : { value: { host: host.value, port } };
}

/** A port number without sign, blank or leading zero, or null. */
export function parsePort(digits: string): number | null {
  if (!/^(?:0|[1-9]\d{0,4})$/.test(digits)) return null;
  const port = Number(digits);
  return port <= MAX_PORT ? port : null;
}

function parseHost(host: string): Parsed<string> {
  if (host === '') return { problem: 'has no host' };
  if (host.startsWith('[')) {
    const inner = host.slice(1, -1);
    if (inner.includes('%')) return { problem: 'has a zone id, which is not supported' };
    return isIPv6(inner) ? { value: inner } : { problem: 'has no valid IPv6 address in its brackets' };
  }
  if (isIPv4(host)) return { value: host };
  const labels = host.split('.');
  if (/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1) as string))
    return { problem: 'has a host that is not a valid IPv4 address' };
  const valid = host.length <= MAX_NAME && labels.every((label) => label.length <= MAX_LABEL && LABEL.test(label));
  return valid ? { value: host } : { problem: 'has a host that is neither a name nor an IP address' };
}

/** A host as it stands before a port: an IPv6 address in brackets (RFC 3986 3.2.2). */
export function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
