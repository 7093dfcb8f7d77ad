import { isIPv6 } from 'node:net';

/** Host of RFC 3986 3.2.2 without userinfo, with an optional port. Reg-names are letters, digits and `-._~!$&'()*+;=%`. */
const REG_NAME = /^([A-Za-z0-9\-._~!$&'()*+;=%]+)(?::(\d{0,5}))?$/;
const BRACKETED = /^\[([0-9A-Fa-f:.]+)\](?::(\d{0,5}))?$/;
const MAX_AUTHORITY = 255 + 6;

/**
 * Host of an authority in lower case, without port; IPv6 keeps its brackets, one trailing dot is taken off (`a.example.` and
 * `a.example` are the same name to every resolver, and must be to the router).
 *
 * @returns null for an empty text, userinfo, a path, a list, a port outside 0 to 65535 or any byte that no host has
 */
export function parseAuthority(text: string): string | null {
  if (text.length === 0 || text.length > MAX_AUTHORITY) return null;
  const match = text.charCodeAt(0) === 0x5b ? BRACKETED.exec(text) : REG_NAME.exec(text);
  if (match === null) return null;
  const port = match[2];
  if (port !== undefined && port !== '' && Number(port) > 65_535) return null;
  const host = (match[1] as string).toLowerCase();
  if (text.charCodeAt(0) === 0x5b) return isIPv6(host) ? `[${host}]` : null;
  const name = host.endsWith('.') ? host.slice(0, -1) : host;
  return name === '' || host.includes('..') || !validEscapes(name) ? null : name;
}

function validEscapes(name: string): boolean {
  return !name.includes('%') || !/%(?![0-9a-f]{2})/.test(name);
}
