import { type ErrorCode, errorEntry } from '../../base/errors/catalogue.ts';
import { proxyStatusLine } from '../../base/errors/proxy-status.ts';
import { acceptRank } from '../../base/http/accept.ts';
import { FIELD_ID } from '../../base/http/field-names.ts';
import { formatTimestamp } from '../../base/time/timestamp.ts';
import type { ErrorPage } from '../../config/route-settings.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Reply } from '../exchange/reply.ts';
import { type ErrorFormat, HTML_FORMAT, JSON_FORMAT, pageFormat, PROBLEM_FORMAT } from './error-body.ts';

const ACCEPT = FIELD_ID.accept;
/** The body depends on Accept and carries a request id: nobody may keep it for another request. */
const COMMON_FIELDS = 'Cache-Control: no-store\r\nVary: Accept\r\n';
/** `Accept` named it by its own name. */
const BY_NAME = 3;

const EXTRA_FIELDS: Partial<Record<ErrorCode, string>> = {
  overloaded: 'Retry-After: 1\r\n',
  circuit_breaker_open: 'Retry-After: 1\r\n',
  endpoint_method_refused: 'Allow: GET, HEAD\r\n',
  method_refused: 'Allow: GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS\r\n',
};

/**
 * The answer to a failure: the catalogue's status and public text, never an internal message (SPEC B, Error body). The client's
 * Accept chooses the form; JSON when it says nothing, or nothing that can be given.
 */
export function errorReply(exchange: Exchange, code: ErrorCode): Reply {
  const { status, text } = errorEntry(code);
  const timestamp = formatTimestamp(Date.now());
  const format = chooseFormat(
    exchange.head.fields.joined(ACCEPT),
    pagesFor(status, exchange.route?.errorPages ?? []).map(pageFormat),
  );
  return {
    status,
    fields: `Content-Type: ${format.contentType}\r\n${COMMON_FIELDS}${proxyStatusLine(code)}${EXTRA_FIELDS[code] ?? ''}`,
    body: format.write({ status, code, text, requestId: exchange.requestId, timestamp }),
  };
}

/** Pages for the status itself go before those for its class. */
function pagesFor(status: number, pages: readonly ErrorPage[]): readonly ErrorPage[] {
  if (pages.length === 0) return pages;
  const exact = pages.filter((page) => page.status === String(status));
  return exact.length > 0 ? exact : pages.filter((page) => page.status === `${Math.floor(status / 100)}xx`);
}

/**
 * The most wanted form; of those that are wanted alike the one that was named most exactly, then a page of the route, problem
 * details, JSON and HTML in this order. Problem details and the own HTML page are for those who name them: a wildcard gets the
 * route's page or JSON.
 */
function chooseFormat(accept: string | null, pages: readonly ErrorFormat[]): ErrorFormat {
  if (pages.length === 0 && (accept === null || accept === '*/*')) return JSON_FORMAT;
  let best: ErrorFormat = JSON_FORMAT;
  let bestQuality = 0;
  let bestSpecificity = 0;
  for (const format of [...pages, PROBLEM_FORMAT, JSON_FORMAT, HTML_FORMAT]) {
    const { quality, specificity } = acceptRank(accept, format.mediaType);
    if (quality === 0 || (specificity < BY_NAME && (format === PROBLEM_FORMAT || format === HTML_FORMAT))) continue;
    if (quality < bestQuality || (quality === bestQuality && specificity <= bestSpecificity)) continue;
    best = format;
    bestQuality = quality;
    bestSpecificity = specificity;
  }
  return best;
}
