import { FIELD_ID } from '../../../base/http/field-names.ts';
import { clientFromChain, forwardedNode } from '../../../base/http/forwarded.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { Filter } from '../../exchange/filter.ts';
import { ownForwardedFields } from '../../../base/http/forwarded-fields.ts';

const FOR = FIELD_ID['x-forwarded-for'];
const PROTO = FIELD_ID['x-forwarded-proto'];
const HOST = FIELD_ID['x-forwarded-host'];
const PORT = FIELD_ID['x-forwarded-port'];
const FORWARDED = FIELD_ID.forwarded;
const VALUE = /^[A-Za-z0-9.\-_:[\]]{1,255}$/;

/**
 * The trusted-proxy rule (DESIGN.md 6): what a trusted peer says of the client is believed and extended. For all other peers
 * the connection's own fields, made once, replace whatever came; then this filter has nothing to do.
 */
export function createForwardedFilter(isTrusted: (address: string) => boolean, via: string): Filter {
  return {
    name: 'forwarded',
    request(exchange) {
      if (exchange.peerTrusted) extend(exchange, isTrusted, via);
      return null;
    },
  };
}

function extend(exchange: Exchange, isTrusted: (address: string) => boolean, via: string): void {
  const { fields } = exchange.head;
  const chain = fields.joined(FOR);
  const peer = exchange.peerAddress;
  if (chain !== null) exchange.clientAddress = clientFromChain(chain, peer, isTrusted);
  const proto = valid(fields.first(PROTO)) ?? exchange.scheme;
  exchange.forwardedHost = valid(fields.first(HOST)) ?? exchange.head.authority;
  let lines = ownForwardedFields({
    chain: chain === null ? peer : `${chain}, ${peer}`,
    client: exchange.clientAddress,
    proto,
    port: valid(fields.first(PORT)) ?? String(exchange.traits.port),
    via,
  });
  const forwarded = fields.joined(FORWARDED);
  if (forwarded !== null)
    lines = `Forwarded: ${forwarded}, for=${forwardedNode(peer)};proto=${exchange.scheme}\r\n${lines}`;
  exchange.forwardedFields = lines;
}

function valid(value: string | null): string | null {
  return value !== null && VALUE.test(value) ? value : null;
}
