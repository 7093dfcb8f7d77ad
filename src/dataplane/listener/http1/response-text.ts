import { httpDate } from '../../../base/http/date.ts';
import { FIELD_ID } from '../../../base/http/field-names.ts';
import { RESPONSE_NOT_COPIED } from '../../../base/http/field-rules.ts';
import {
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  BODY_UNTIL_CLOSE,
  type BodyFraming,
} from '../../../base/http1/framing.ts';
import { copyLines } from '../../../base/http1/head-writer.ts';
import type { ResponseHead } from '../../../base/http1/response-head.ts';
import type { AnsweredRequest } from '../../exchange/downstream.ts';

const DATE = FIELD_ID.date;
const OWN_FIELDS = 'Server: rwwwrse\r\nVia: 1.1 rwwwrse';
const OWN_FIELDS_10 = 'Server: rwwwrse\r\nVia: 1.0 rwwwrse';
const OK_LINE = 'HTTP/1.1 200 OK\r\n';

/** How the body goes to a client of HTTP/1 (RFC 9112 6): an unknown length is chunked on 1.1 and ended by a close on 1.0. */
export function downstreamFraming(head: ResponseHead, minorVersion: number): BodyFraming {
  const framing = head.framing;
  if (framing === BODY_NONE || framing === BODY_LENGTH) return framing;
  return minorVersion === 1 ? BODY_CHUNKED : BODY_UNTIL_CLOSE;
}

/**
 * Text of a final answer's head. Hop-by-hop and framing lines of the source are gone, the proxy's own are added (SPEC B:
 * Server, no X-Powered-By; RFC 9110 7.6.3: Via; 6.6.1: Date).
 */
export function finalHeadText(
  request: AnsweredRequest,
  head: ResponseHead,
  framing: BodyFraming,
  persistent: boolean,
): string {
  const minor = request.head.minorVersion;
  let text = statusLine(head.status, head.reason) + copyLines(head.fields, RESPONSE_NOT_COPIED);
  if (head.fields.indexOf(DATE) < 0) text += `Date: ${httpDate(Date.now())}\r\n`;
  text += (head.minorVersion === 1 ? OWN_FIELDS : OWN_FIELDS_10) + requestIdText(request);
  if (framing === BODY_CHUNKED) text += '\r\nTransfer-Encoding: chunked';
  else if (head.contentLength >= 0 && head.status !== 204) text += `\r\nContent-Length: ${head.contentLength}`;
  else if (
    framing === BODY_NONE &&
    head.status >= 200 &&
    head.status !== 204 &&
    head.status !== 304 &&
    request.head.method !== 'HEAD'
  ) {
    text += '\r\nContent-Length: 0';
  }
  if (!persistent) text += '\r\nConnection: close';
  else if (minor === 0) text += '\r\nConnection: keep-alive';
  return `${text}\r\n\r\n`;
}

/** Text of a 1xx answer (RFC 9110 15.2), 101 apart. */
export function informationalText(status: number, lines: string): string {
  return `${statusLine(status, status === 100 ? 'Continue' : status === 103 ? 'Early Hints' : '')}${lines}\r\n`;
}

/** Text of a 101 answer: the switch is hop by hop, so its Connection and Upgrade lines are written anew. */
export function upgradeHeadText(request: AnsweredRequest, head: ResponseHead): string {
  const protocol = head.fields.joined(FIELD_ID.upgrade) ?? '';
  const lines = copyLines(head.fields, RESPONSE_NOT_COPIED);
  return (
    `${statusLine(101, head.reason)}${lines}${OWN_FIELDS}${requestIdText(request)}\r\n` +
    `Connection: upgrade\r\nUpgrade: ${protocol}\r\n\r\n`
  );
}

function requestIdText({ requestIdField, requestId }: AnsweredRequest): string {
  return requestIdField.line === '' ? '' : requestIdField.line + requestId;
}

function statusLine(status: number, reason: string): string {
  return status === 200 && reason === 'OK' ? OK_LINE : `HTTP/1.1 ${status} ${reason}\r\n`;
}
