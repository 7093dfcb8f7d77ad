import { FIELD_ID } from '../../../base/http/field-names.ts';
import { CidrSet } from '../../../base/net/cidr.ts';
import type { Exchange } from '../../exchange/exchange.ts';

const LOOPBACK = new CidrSet(['127.0.0.0/8', '::1/128']);

/** Fields that another proxy leaves in a request. */
const PROXY_FIELDS = [
  FIELD_ID['x-forwarded-for'],
  FIELD_ID['x-forwarded-proto'],
  FIELD_ID['x-forwarded-host'],
  FIELD_ID['x-real-ip'],
  FIELD_ID.forwarded,
  FIELD_ID.via,
] as const;

/**
 * Whether a request may see what is for operators: metrics and the state of backends. On a listener for operations everybody
 * may; on one for traffic, whoever `metrics.allow` lists, and who comes from this machine itself. A request that came through
 * another proxy on this machine has a loopback peer too, with anybody behind it, so a field of a proxy ends that privilege.
 *
 * @param isListed whether `metrics.allow` has an address
 */
export function isInsider(exchange: Exchange, isListed: (address: string) => boolean): boolean {
  if (exchange.traits.settings.role === 'operations' || isListed(exchange.clientAddress)) return true;
  const { peerAddress } = exchange;
  // A unix socket has no peer address; its file permissions decide who is there.
  if (peerAddress !== '' && !LOOPBACK.has(peerAddress)) return false;
  return PROXY_FIELDS.every((id) => exchange.head.fields.indexOf(id) < 0);
}
