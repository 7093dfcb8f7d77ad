import type { ErrorCode } from '../errors/catalogue.ts';
import { FIELD_VALUE_BYTE } from '../http/bytes.ts';
import { FieldList, SPAN } from '../http/field-list.ts';
import { FIELD_ID, FIELD_ID_COUNT } from '../http/field-names.ts';
import { type ConnectionOptions, readConnectionOptions } from './connection-options.ts';
import { type FieldScan, INCOMPLETE, REFUSED, placeSentinel, scanFieldLines } from './field-lines.ts';
import {
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  BODY_UNTIL_CLOSE,
  type BodyFraming,
  equalsIgnoreCase,
  hasPlainEnd,
  parseContentLength,
} from './framing.ts';
import type { HeadLimits } from './limits.ts';

const CR = 0x0d;
const LF = 0x0a;
const SP = 0x20;
const VERSION_PREFIX = Uint8Array.from(Buffer.from('HTTP/1.', 'latin1'));
const CONNECTION = FIELD_ID.connection;
const CONTENT_LENGTH = FIELD_ID['content-length'];
const TRANSFER_ENCODING = FIELD_ID['transfer-encoding'];
const SPECIAL = new Uint8Array(FIELD_ID_COUNT);
for (const id of [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING]) SPECIAL[id] = 1;

/** One response head, parsed; belongs to an upstream connection and is filled again for every answer. */
export class ResponseHead implements ConnectionOptions {
  status = 0;
  reason = '';
  minorVersion = 1;
  readonly fields: FieldList = new FieldList();
  framing: BodyFraming = BODY_NONE;
  /** Value of Content-Length, or -1 when there is none; for HEAD and 304 it describes a body that is not sent. */
  contentLength = -1;
  /** The connection may carry another request after this answer, as far as the head says (RFC 9112 9.3). */
  persistent = false;
  close = false;
  keepAlive = false;
  upgrade = false;
  nominated: string[] | null = null;
}

/** Why a response head is refused. */
type ResponseHeadRefusal = 'backend_invalid_response' | 'backend_head_too_large';

/** Parses response heads by the mirror of the request rules (DESIGN.md 6): what two readers could frame differently is refused. */
export class ResponseHeadParser implements FieldScan {
  base = 0;
  maxFields: number;
  /** Why the last head was refused. */
  refusal: ResponseHeadRefusal = 'backend_invalid_response';
  /** Where the field scan leaves its own reason. */
  readonly failure: { code: ErrorCode } = { code: 'header_value_invalid' };
  private readonly limits: HeadLimits;

  constructor(limits: HeadLimits) {
    this.limits = limits;
    this.maxFields = limits.headFields;
  }

  /**
   * Parses the head that begins at `start`; `bytes[end]` is overwritten with the sentinel 0.
   *
   * @param bodyless the request was HEAD: whatever the head says, no body follows
   * @returns the offset after the head, {@link INCOMPLETE} or {@link REFUSED} with `refusal` set
   */
  parse(bytes: Buffer, start: number, end: number, head: ResponseHead, bodyless: boolean): number {
    placeSentinel(bytes, end);
    const lineEnd = this.scanStatusLine(bytes, start, end, head);
    if (lineEnd === REFUSED) return this.refuse('backend_invalid_response');
    if (lineEnd === INCOMPLETE) return this.unlessTooLong(end - start);
    head.fields.clear();
    this.base = start;
    const headEnd = scanFieldLines(bytes, lineEnd, end, head.fields, this);
    if (headEnd === REFUSED) return this.refuse(refusalOfScan(this.failure.code));
    if (headEnd === INCOMPLETE) return this.unlessTooLong(end - start);
    if (headEnd - start > this.limits.headBytes) return this.refuse('backend_head_too_large');
    head.fields.text = bytes.latin1Slice(start, headEnd);
    return checkFraming(bytes, start, head, bodyless) ? headEnd : this.refuse('backend_invalid_response');
  }

  private unlessTooLong(length: number): typeof INCOMPLETE | typeof REFUSED {
    return length >= this.limits.headBytes ? this.refuse('backend_head_too_large') : INCOMPLETE;
  }

  private refuse(refusal: ResponseHeadRefusal): typeof REFUSED {
    this.refusal = refusal;
    return REFUSED;
  }

  private scanStatusLine(bytes: Buffer, start: number, end: number, head: ResponseHead): number {
    for (let i = 0; i < VERSION_PREFIX.length; i++) {
      if (bytes[start + i] !== VERSION_PREFIX[i]) return start + i >= end ? INCOMPLETE : REFUSED;
    }
    if (end - start < 13) return INCOMPLETE;
    const minor = (bytes[start + 7] as number) - 0x30;
    const status = parseContentLength(bytes, start + 9, start + 12);
    if ((minor !== 0 && minor !== 1) || bytes[start + 8] !== SP || status < 100 || status > 999) return REFUSED;
    head.minorVersion = minor;
    head.status = status;
    let at = start + 12;
    if (bytes[at] === SP) at++;
    else if (bytes[at] !== CR) return REFUSED;
    const reasonStart = at;
    while (FIELD_VALUE_BYTE[bytes[at] as number] !== 0) at++;
    if (at >= end || (bytes[at] === CR && at + 1 >= end)) return INCOMPLETE;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return REFUSED;
    head.reason = status === 200 && at - reasonStart === 2 ? 'OK' : bytes.latin1Slice(reasonStart, at);
    return at + 2;
  }
}

function refusalOfScan(code: ErrorCode): ResponseHeadRefusal {
  return code === 'too_many_fields' ? 'backend_head_too_large' : 'backend_invalid_response';
}

function checkFraming(bytes: Uint8Array, base: number, head: ResponseHead, bodyless: boolean): boolean {
  head.contentLength = -1;
  head.close = false;
  head.keepAlive = false;
  head.upgrade = false;
  head.nominated = null;
  const spans = head.fields.spans;
  const end = head.fields.count * SPAN;
  let chunked = false;
  let plain = true;
  for (let at = 0; at < end; at += SPAN) {
    const id = spans[at] as number;
    if (SPECIAL[id] === 0) continue;
    const start = (spans[at + 3] as number) + base;
    const stop = (spans[at + 4] as number) + base;
    if (id === CONTENT_LENGTH) {
      if (head.contentLength >= 0) return false;
      head.contentLength = parseContentLength(bytes, start, stop);
      if (head.contentLength < 0 || !hasPlainEnd(bytes, stop)) return false;
    } else if (id === TRANSFER_ENCODING) {
      if (chunked || head.minorVersion === 0 || !equalsIgnoreCase(bytes, start, stop, 'chunked')) return false;
      if (!hasPlainEnd(bytes, stop)) return false;
      chunked = true;
    } else if (equalsIgnoreCase(bytes, start, stop, 'keep-alive')) {
      head.keepAlive = true;
    } else {
      plain = false;
    }
  }
  if (!plain && !readConnectionOptions(head.fields, head)) return false;
  if (chunked && head.contentLength >= 0) return false;
  setFraming(head, chunked, bodyless);
  return true;
}

/** RFC 9112 6.3, in its order. */
function setFraming(head: ResponseHead, chunked: boolean, bodyless: boolean): void {
  const status = head.status;
  head.persistent = !head.close && (head.minorVersion === 1 || head.keepAlive);
  if (bodyless || status < 200 || status === 204 || status === 304) {
    head.framing = BODY_NONE;
    const lies = status === 204 && (chunked || head.contentLength > 0);
    if (lies) head.persistent = false;
    return;
  }
  if (chunked) head.framing = BODY_CHUNKED;
  else if (head.contentLength < 0) head.framing = BODY_UNTIL_CLOSE;
  else head.framing = head.contentLength === 0 ? BODY_NONE : BODY_LENGTH;
  if (head.framing === BODY_UNTIL_CLOSE) head.persistent = false;
}
