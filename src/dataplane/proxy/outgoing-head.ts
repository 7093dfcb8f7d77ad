import { FIELD_ID } from '../../base/http/field-names.ts';
import { REQUEST_NOT_COPIED } from '../../base/http/field-rules.ts';
import { dropNominated } from '../../base/http1/connection-options.ts';
import { BODY_CHUNKED, BODY_NONE } from '../../base/http1/framing.ts';
import { copyLines } from '../../base/http1/head-writer.ts';
import type { RequestHead } from '../../base/http1/request-head.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { MatchedRoute } from '../exchange/route.ts';
import type { UpstreamBackend } from '../exchange/upstream.ts';

const UPGRADE = FIELD_ID.upgrade;
const MAX_FORWARDS = FIELD_ID['max-forwards'];

/** Methods whose requests without a body say so with `Content-Length: 0` (RFC 9110 8.6). */
const EXPECTS_CONTENT: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** How the request's body goes out. */
export interface OutgoingBody {
  readonly hasBody: boolean;
  readonly chunked: boolean;
}

/** Frames the outgoing body anew from what was parsed, never from copied fields (PEERS 4, pitfall 1). */
export function outgoingBody(head: RequestHead, transformed: boolean): OutgoingBody {
  if (head.framing === BODY_NONE) return { hasBody: false, chunked: false };
  return { hasBody: true, chunked: transformed || head.framing === BODY_CHUNKED };
}

/** Text of the request head for one attempt (DESIGN.md 3, step 5): hop-by-hop out, forwarded fields in, host policy. */
export function outgoingHead(
  exchange: Exchange,
  route: MatchedRoute,
  backend: UpstreamBackend,
  body: OutgoingBody,
): string {
  const head = exchange.head;
  if (head.nominated !== null) dropNominated(head.fields, head.nominated);
  const host = route.preserveHost && head.authority !== '' ? head.authority : backend.authority;
  let text = `${head.method} ${outgoingTarget(head.target, route, backend)} HTTP/1.1\r\nHost: ${host}\r\n`;
  text += `${copyLines(head.fields, REQUEST_NOT_COPIED)}X-Forwarded-Host: ${exchange.forwardedHost}\r\n${exchange.forwardedFields}${exchange.requestId}`;
  if (body.chunked) text += '\r\nTransfer-Encoding: chunked';
  else if (body.hasBody) text += `\r\nContent-Length: ${head.contentLength}`;
  else if (EXPECTS_CONTENT.has(head.method)) text += '\r\nContent-Length: 0';
  if (head.expectContinue) text += '\r\nExpect: 100-continue';
  if (head.upgrade) text += `\r\nConnection: upgrade\r\nUpgrade: ${head.fields.joined(UPGRADE) ?? ''}`;
  if (head.method === 'OPTIONS' || head.method === 'TRACE') text += maxForwards(head);
  return `${text}\r\n\r\n`;
}

/** Target as the backend sees it: prefix taken off where the route says so, the backend's base path before it. */
function outgoingTarget(target: string, route: MatchedRoute, backend: UpstreamBackend): string {
  if (route.stripLength === 0 && backend.basePath === '') return target;
  if (target === '*') return target;
  const rest = target.slice(route.stripLength);
  return backend.basePath + (rest.charCodeAt(0) === 0x2f ? rest : `/${rest}`);
}

/** RFC 9110 7.6.2: one hop less. Zero never gets here, the proxy answers it itself. */
function maxForwards(head: RequestHead): string {
  const value = head.fields.first(MAX_FORWARDS);
  return value !== null && /^\d{1,9}$/.test(value) ? `\r\nMax-Forwards: ${Number(value) - 1}` : '';
}
