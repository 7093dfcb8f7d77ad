import type { FieldList } from '../../base/http/field-list.ts';
import { FIELD_ID } from '../../base/http/field-names.ts';
import { REQUEST_NOT_COPIED } from '../../base/http/field-rules.ts';
import { changePath } from '../../base/http/path-change.ts';
import { dropNominated } from '../../base/http1/connection-options.ts';
import { BODY_CHUNKED, BODY_NONE } from '../../base/http1/framing.ts';
import { copyLines } from '../../base/http1/head-writer.ts';
import type { RequestHead } from '../../base/http1/request-head.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { MatchedRoute } from '../exchange/route.ts';
import type { UpstreamBackend } from '../exchange/upstream.ts';

const TE = FIELD_ID.te;
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
  if (head.method === 'OPTIONS') stepMaxForwards(head.fields);
  let text = `${head.method} ${outgoingTarget(exchange, route, backend)} HTTP/1.1\r\nHost: ${outgoingHost(exchange, route, backend)}\r\n`;
  text += `${copyLines(head.fields, REQUEST_NOT_COPIED)}X-Forwarded-Host: ${exchange.forwardedHost}\r\n${forwardedFields(exchange)}`;
  if (exchange.requestIdField.line !== '') text += exchange.requestIdField.line + exchange.requestId;
  if (body.chunked) text += '\r\nTransfer-Encoding: chunked';
  else if (body.hasBody) text += `\r\nContent-Length: ${head.contentLength}`;
  else if (EXPECTS_CONTENT.has(head.method)) text += '\r\nContent-Length: 0';
  if (head.expectContinue) text += '\r\nExpect: 100-continue';
  return `${text}${connectionFields(head)}\r\n\r\n`;
}

/** Host for the backend: the route's own, the client's, or the backend's. */
function outgoingHost(exchange: Exchange, route: MatchedRoute, backend: UpstreamBackend): string {
  if (route.hostOverride !== null) return route.hostOverride;
  return route.preserveHost && exchange.head.authority !== '' ? exchange.head.authority : backend.authority;
}

/** Target as the backend sees it: changed where the route says so, the backend's base path before it. */
function outgoingTarget(exchange: Exchange, route: MatchedRoute, backend: UpstreamBackend): string {
  const { path, search, head } = exchange;
  const { pathChange } = route;
  if (path === '*') return path;
  if (pathChange !== null) return joinPaths(backend.basePath, changePath(path, pathChange)) + search;
  // As it came: its normal form has the same length, or a route passes what has no normal form.
  const isNormal = path.length + search.length === head.target.length || exchange.ambiguity !== null;
  return isNormal ? joinPaths(backend.basePath, head.target) : joinPaths(backend.basePath, path) + search;
}

function joinPaths(base: string, path: string): string {
  if (base === '') return path;
  return base + (path.charCodeAt(0) === 0x2f ? path : `/${path}`);
}

/** The forwarded fields with the version in which the request really came (RFC 9110 7.6.3). */
function forwardedFields(exchange: Exchange): string {
  const received = exchange.downstream.protocolName;
  const lines = exchange.forwardedFields;
  return received === 'HTTP/1.1'
    ? lines
    : lines.replace('\r\nVia: 1.1 ', `\r\nVia: ${received.slice('HTTP/'.length)} `);
}

/** What the connection to the backend is asked for: a tunnel, and trailers, the one member of TE that is passed on (PEERS 4.2). */
function connectionFields(head: RequestHead): string {
  const te = head.fields.joined(TE);
  const trailers = te !== null && te.split(',').some((member) => member.trim().toLowerCase() === 'trailers');
  let text = '';
  if (head.upgrade)
    text = `\r\nUpgrade: ${head.fields.joined(UPGRADE) ?? ''}\r\nConnection: ${trailers ? 'TE, ' : ''}upgrade`;
  else if (trailers) text = '\r\nConnection: TE';
  return trailers ? `${text}\r\nTE: trailers` : text;
}

/**
 * RFC 9110 7.6.2: one hop less, once per exchange: a second attempt finds the new line already added. Zero never gets here, the
 * proxy answers it itself.
 */
function stepMaxForwards(fields: FieldList): void {
  const value = fields.first(MAX_FORWARDS);
  if (value === null) return;
  fields.removeId(MAX_FORWARDS);
  if (/^\d{1,9}$/.test(value)) fields.add('Max-Forwards', String(Number(value) - 1));
}
