import { cookieValue } from '../../../base/http/cookies.ts';
import { NamedField } from '../../../base/http/named-field.ts';
import { normalizeAddress } from '../../../base/net/cidr.ts';
import { clientNetwork } from '../../../base/net/client-network.ts';
import type { HashSource } from '../../../config/route-settings.ts';
import type { BalancedRequest } from '../../exchange/upstream.ts';

/** Text of a request that decides about its backend; empty = the request has none. */
export type HashKey = (request: BalancedRequest) => string;

/** IPv6 addresses whose keys a worker keeps for a route: working one out takes some 2 µs. */
const KNOWN_ADDRESSES = 1024;

/** Makes the key of a source. Several fields of one name count as their values joined by `, `. */
export function createHashKey(source: HashSource): HashKey {
  if (source.kind === 'header') return headerKey(source.name);
  if (source.kind === 'cookie') return cookieKey(source.name);
  return source.kind === 'path' ? ({ path }) => path : clientKey();
}

/**
 * An IPv4 address, or the /64 of an IPv6 address: what counts as one client elsewhere too. An IPv4 client has one key whichever
 * socket it came by (`::ffff:192.0.2.1` on a dual-stack one).
 */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address;
  return clientNetwork(normalizeAddress(address) ?? address);
}

function clientKey(): HashKey {
  const known = new Map<string, string>();
  return ({ clientAddress }) => {
    if (!clientAddress.includes(':')) return clientAddress;
    const found = known.get(clientAddress);
    if (found !== undefined) return found;
    // Rarely full; a client with countless addresses must not make it grow.
    if (known.size === KNOWN_ADDRESSES) known.clear();
    const key = addressKey(clientAddress);
    known.set(clientAddress, key);
    return key;
  };
}

function headerKey(name: string): HashKey {
  const field = new NamedField(name);
  return ({ head }) => field.joined(head.fields) ?? '';
}

function cookieKey(name: string): HashKey {
  return ({ head }) => cookieValue(head.fields, name) ?? '';
}
