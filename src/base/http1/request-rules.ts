import type { ErrorCode } from '../errors/catalogue.ts';
import { parseAuthority } from '../http/authority.ts';
import { SPAN } from '../http/field-list.ts';
import { FIELD_ID, FIELD_ID_COUNT } from '../http/field-names.ts';
import { readConnectionOptions } from './connection-options.ts';
import { refuse, type ScanFailure } from './field-lines.ts';
import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE, equalsIgnoreCase, hasPlainEnd, parseContentLength } from './framing.ts';
import type { RequestHead } from './request-head.ts';
import { asksForTunnel, isProtocolList } from './upgrade-list.ts';

const HOST = FIELD_ID.host;
const CONNECTION = FIELD_ID.connection;
const CONTENT_LENGTH = FIELD_ID['content-length'];
const TRANSFER_ENCODING = FIELD_ID['transfer-encoding'];
const EXPECT = FIELD_ID.expect;
const UPGRADE = FIELD_ID.upgrade;

/** 1 for the fields whose meaning decides framing, routing or the connection: few, so most lines are one load and a jump. */
const SPECIAL = new Uint8Array(FIELD_ID_COUNT);
for (const id of [HOST, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, EXPECT, UPGRADE]) SPECIAL[id] = 1;

/**
 * Checks the rules of RFC 9112 that go beyond the shape of single lines, and fills the meaning of the head: framing, host,
 * connection options. `base` is the offset in `bytes` of offset 0 of the field text.
 *
 * @returns false when refused, the reason in `scan.failure`
 */
export function checkRequestRules(
  bytes: Uint8Array,
  base: number,
  head: RequestHead,
  scan: { failure: ScanFailure },
): boolean {
  resetMeaning(head);
  const spans = head.fields.spans;
  const end = head.fields.count * SPAN;
  let hostAt = -1;
  let lengthSeen = false;
  let encodingSeen = false;
  let plain = true;
  for (let at = 0; at < end; at += SPAN) {
    const id = spans[at] as number;
    if (SPECIAL[id] === 0) continue;
    const start = (spans[at + 3] as number) + base;
    const stop = (spans[at + 4] as number) + base;
    if (id === HOST) {
      if (hostAt >= 0) return failed(scan, 'host_repeated');
      hostAt = at;
    } else if (id === CONTENT_LENGTH) {
      if (lengthSeen) return failed(scan, 'length_repeated');
      lengthSeen = true;
      head.contentLength = parseContentLength(bytes, start, stop);
      if (head.contentLength < 0 || !hasPlainEnd(bytes, stop)) return failed(scan, 'length_invalid');
    } else if (id === TRANSFER_ENCODING) {
      if (encodingSeen) return failed(scan, 'encoding_repeated');
      encodingSeen = true;
      if (!equalsIgnoreCase(bytes, start, stop, 'chunked') || !hasPlainEnd(bytes, stop))
        return failed(scan, 'encoding_unsupported');
    } else if (id === CONNECTION && equalsIgnoreCase(bytes, start, stop, 'keep-alive')) {
      head.keepAlive = true;
    } else {
      plain = false;
    }
  }
  if (encodingSeen && head.minorVersion === 0) return failed(scan, 'encoding_on_http10');
  if (encodingSeen && lengthSeen) return failed(scan, 'length_and_encoding');
  if (encodingSeen) head.framing = BODY_CHUNKED;
  else if (lengthSeen && head.contentLength > 0) head.framing = BODY_LENGTH;
  if (!plain && !checkRareFields(head, scan)) return false;
  return checkAuthority(head, hostAt, scan);
}

function resetMeaning(head: RequestHead): void {
  head.framing = BODY_NONE;
  head.contentLength = 0;
  head.close = false;
  head.keepAlive = false;
  head.upgrade = false;
  head.expectContinue = false;
  head.nominated = null;
}

function checkRareFields(head: RequestHead, scan: { failure: ScanFailure }): boolean {
  head.keepAlive = false;
  if (!readConnectionOptions(head.fields, head)) return failed(scan, 'connection_invalid');
  const protocols = head.fields.joined(UPGRADE);
  head.upgrade = head.upgrade && head.minorVersion === 1 && asksForTunnel(protocols);
  // A body before a tunnel is refused, since readers disagree where it ends.
  if (head.upgrade && (head.framing !== BODY_NONE || !isProtocolList(protocols as string)))
    return failed(scan, 'upgrade_invalid');
  const expect = head.fields.joined(EXPECT);
  if (expect === null || head.minorVersion === 0) return true;
  if (expect.toLowerCase() !== '100-continue') return failed(scan, 'expectation_failed');
  head.expectContinue = head.framing !== BODY_NONE;
  return true;
}

/**
 * The four forms of a request target and the Host rule (RFC 9112 3.2): origin-form takes the Host field; the authority of an
 * absolute-form must agree with it, byte by byte but for case; `*` belongs to OPTIONS; CONNECT is not for a reverse proxy.
 */
function checkAuthority(head: RequestHead, hostAt: number, scan: { failure: ScanFailure }): boolean {
  if (hostAt < 0 && head.minorVersion === 1) return failed(scan, 'host_missing');
  if (head.method === 'CONNECT') return failed(scan, 'method_not_supported');
  const first = head.target.charCodeAt(0);
  if (first !== 0x2f && !(first === 0x2a && head.target === '*' && head.method === 'OPTIONS')) {
    return checkAbsoluteForm(head, hostAt, scan);
  }
  const host = hostAt < 0 ? '' : head.fields.valueAt(hostAt / SPAN);
  if (host === head.authority && host !== '') return true;
  return takeAuthority(head, host, hostAt, scan);
}

function checkAbsoluteForm(head: RequestHead, hostAt: number, scan: { failure: ScanFailure }): boolean {
  const match = /^https?:\/\/([^/?]*)(.*)$/i.exec(head.target);
  if (match === null) return failed(scan, 'request_target_invalid');
  const authority = match[1] as string;
  const rest = match[2] as string;
  const host = hostAt < 0 ? authority : head.fields.valueAt(hostAt / SPAN);
  if (host.toLowerCase() !== authority.toLowerCase()) return failed(scan, 'authority_mismatch');
  if (!takeAuthority(head, authority, 0, scan)) return false;
  head.target = rest === '' ? (head.method === 'OPTIONS' ? '*' : '/') : rest.startsWith('/') ? rest : `/${rest}`;
  return true;
}

function takeAuthority(head: RequestHead, text: string, hostAt: number, scan: { failure: ScanFailure }): boolean {
  const host = hostAt < 0 ? '' : parseAuthority(text);
  if (host === null) return failed(scan, 'host_invalid');
  head.authority = text;
  head.host = host;
  return true;
}

function failed(scan: { failure: ScanFailure }, code: ErrorCode): false {
  refuse(scan, code);
  return false;
}
