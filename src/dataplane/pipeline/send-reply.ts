import { reasonPhrase } from '../../base/http/status-text.ts';
import { BODY_LENGTH, BODY_NONE } from '../../base/http1/framing.ts';
import { ResponseHead } from '../../base/http1/response-head.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Reply } from '../exchange/reply.ts';

/** Sends an answer of the proxy's own; for HEAD without the body, whose length is told all the same (RFC 9110 9.3.2). */
export function sendReply(exchange: Exchange, reply: Reply, close: boolean): void {
  const bytes = Buffer.from(reply.body, 'utf8');
  const bodyless = exchange.head.method === 'HEAD' || reply.status === 204 || reply.status === 304;
  const head = new ResponseHead();
  head.status = reply.status;
  head.reason = reasonPhrase(reply.status);
  head.fields.added = reply.fields;
  head.framing = bodyless || bytes.length === 0 ? BODY_NONE : BODY_LENGTH;
  head.contentLength = bytes.length;
  exchange.status = reply.status;
  exchange.headSent = true;
  exchange.downstream.sendHead(exchange, head, close || reply.close === true);
  if (head.framing === BODY_LENGTH) exchange.downstream.bodyData(bytes, 0, bytes.length);
  exchange.downstream.bodyEnd(null);
}
