import { normalizeAddress } from '../net/cidr.ts';

/** Longest X-Forwarded-For that is looked at; a longer one is treated as absent. */
const MAX_CHAIN = 4_096;

/**
 * The client by the trusted-proxy rule: from the right, the first address that is not trusted. An entry that is no address
 * ends the walk, since what stands left of it was vouched for by nobody.
 *
 * @param chain value of X-Forwarded-For, all lines joined
 * @param peer address of the socket's other side, which is trusted
 */
export function clientFromChain(chain: string, peer: string, isTrusted: (address: string) => boolean): string {
  if (chain.length > MAX_CHAIN) return peer;
  const entries = chain.split(',');
  let client = peer;
  for (let i = entries.length - 1; i >= 0; i--) {
    const address = plainAddress((entries[i] as string).trim());
    if (address === null) return client;
    client = address;
    if (!isTrusted(address)) return client;
  }
  return client;
}

/** An entry without port and brackets, IPv4-mapped IPv6 as IPv4; null when it is no address. */
export function plainAddress(entry: string): string | null {
  let text = entry;
  if (text.startsWith('[')) {
    const close = text.indexOf(']');
    if (close < 0 || !/^(?::\d{1,5})?$/.test(text.slice(close + 1))) return null;
    text = text.slice(1, close);
  } else if (/^[\d.]+:\d{1,5}$/.test(text)) {
    text = text.slice(0, text.indexOf(':'));
  }
  return normalizeAddress(text);
}

/** An address as RFC 7239 writes it. */
export function forwardedNode(address: string): string {
  return address.includes(':') ? `"[${address}]"` : address;
}
