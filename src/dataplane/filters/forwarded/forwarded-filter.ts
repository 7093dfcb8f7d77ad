import { SPAN, type FieldList } from '../../../base/http/field-list.ts';
import { FIELD_ID, FIELD_OTHER } from '../../../base/http/field-names.ts';
import { clientFromChain, forwardedNode } from '../../../base/http/forwarded.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { Filter } from '../../exchange/filter.ts';
import { ownForwardedFields } from '../../../base/http/forwarded-fields.ts';

const FOR = FIELD_ID['x-forwarded-for'];
const PROTO = FIELD_ID['x-forwarded-proto'];
const HOST = FIELD_ID['x-forwarded-host'];
const PORT = FIELD_ID['x-forwarded-port'];
const PREFIX = FIELD_ID['x-forwarded-prefix'];
const FORWARDED = FIELD_ID.forwarded;
const HOST_VALUE = /^[A-Za-z0-9.\-_:[\]]{1,255}$/;
const PROTO_VALUE = /^(?:https?|wss?)$/;
const PORT_VALUE = /^\d{1,5}$/;
const PREFIX_VALUE = /^(?:\/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)+\/?$/;
const FAMILY = 'x-forwarded-';
const LETTER_X = 0x78;

/**
 * The trusted-proxy rule (DESIGN.md 6): what a trusted peer says of the client is believed and extended. For all other peers
 * the connection's own fields, made once, replace whatever came; then only the fields of the family that have no own
 * counterpart are left to drop.
 */
export function createForwardedFilter(via: string): Filter {
  return {
    name: 'forwarded',
    request(exchange) {
      if (exchange.peerTrusted) extend(exchange, via);
      else dropFamily(exchange.head.fields);
      return null;
    },
  };
}

/**
 * X-Forwarded-User, -Groups, -Ssl, -Scheme, -Client-Cert and their like decide at many backends who somebody is: an untrusted
 * peer may not say any of them, so the whole family goes and not a list of those known today.
 */
function dropFamily(list: FieldList): void {
  const { spans, text } = list;
  const end = list.count * SPAN;
  for (let at = 0; at < end; at += SPAN) {
    if (spans[at] !== FIELD_OTHER) continue;
    const start = spans[at + 1] as number;
    if ((text.charCodeAt(start) | 0x20) !== LETTER_X) continue;
    if (text.slice(start, start + FAMILY.length).toLowerCase() === FAMILY) list.dropAt(at / SPAN);
  }
}

function extend(exchange: Exchange, via: string): void {
  const { head, traits } = exchange;
  const { fields } = head;
  const chain = fields.joined(FOR);
  const peer = exchange.peerAddress;
  if (chain !== null) exchange.clientAddress = clientFromChain(chain, peer, (address) => traits.isTrusted(address));
  const proto = valid(fields.first(PROTO), PROTO_VALUE) ?? exchange.scheme;
  exchange.clientScheme = proto === 'https' || proto === 'wss' ? 'https' : 'http';
  exchange.forwardedHost = valid(fields.first(HOST), HOST_VALUE) ?? head.authority;
  let lines = ownForwardedFields({
    chain: chain === null ? peer : `${chain}, ${peer}`,
    client: exchange.clientAddress,
    proto,
    port: valid(fields.first(PORT), PORT_VALUE) ?? String(traits.port),
    via,
  });
  const forwarded = fields.joined(FORWARDED);
  if (forwarded !== null)
    lines = `Forwarded: ${forwarded}, for=${forwardedNode(peer)};proto=${exchange.scheme}\r\n${lines}`;
  const prefix = valid(fields.first(PREFIX), PREFIX_VALUE);
  exchange.forwardedFields = prefix === null ? lines : `X-Forwarded-Prefix: ${prefix}\r\n${lines}`;
}

function valid(value: string | null, shape: RegExp): string | null {
  return value !== null && shape.test(value) ? value : null;
}
