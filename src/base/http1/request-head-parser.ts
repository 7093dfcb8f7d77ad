import type { ErrorCode } from '../errors/catalogue.ts';
import { TARGET_BYTE, TOKEN_LOWER } from '../http/bytes.ts';
import { type FieldScan, INCOMPLETE, REFUSED, placeSentinel, refuse, scanFieldLines } from './field-lines.ts';
import type { HeadLimits } from './limits.ts';
import type { RequestHead } from './request-head.ts';
import { checkRequestRules } from './request-rules.ts';

const CR = 0x0d;
const LF = 0x0a;
const SP = 0x20;
/** `HTTP/1.` as bytes; the version is compared, never read as a number. */
const VERSION_PREFIX = Uint8Array.from(Buffer.from('HTTP/1.', 'latin1'));
const VERSION_LENGTH = 8;
/** Longest method token; the longest registered one has 17 characters (RFC 9110 16.1). */
const METHOD_BYTES = 32;

/** Parses request heads; holds the reason of the last refusal in `failure.code`. */
export class RequestHeadParser implements FieldScan {
  base = 0;
  maxFields: number;
  readonly failure: { code: ErrorCode } = { code: 'request_line_malformed' };
  private readonly limits: HeadLimits;

  constructor(limits: HeadLimits) {
    this.limits = limits;
    this.maxFields = limits.headFields;
  }

  /**
   * Parses the head that begins at `start` (RFC 9112 3 and 5, DESIGN.md 6).
   *
   * `bytes` must have room for one byte after `end`: a 0 is written there as the sentinel of the inner loops. One empty line
   * before the request line is skipped (RFC 9112 2.2).
   *
   * @returns the offset after the head, {@link INCOMPLETE} when more bytes are needed, or {@link REFUSED}
   */
  parse(bytes: Buffer, start: number, end: number, head: RequestHead): number {
    placeSentinel(bytes, end);
    let from = start;
    if (bytes[from] === CR) {
      if (from + 1 >= end) return INCOMPLETE;
      if (bytes[from + 1] !== LF) return refuse(this, 'line_end_invalid');
      from += 2;
    }
    const lineEnd = this.scanRequestLine(bytes, from, end, head);
    if (lineEnd <= 0) return this.bounded(lineEnd, end - from);
    head.fields.clear();
    this.base = from;
    const headEnd = scanFieldLines(bytes, lineEnd, end, head.fields, this);
    if (headEnd <= 0) return this.bounded(headEnd, end - from);
    if (headEnd - from > this.limits.headBytes) return refuse(this, 'head_too_large');
    head.fields.text = bytes.latin1Slice(from, headEnd);
    return checkRequestRules(bytes, from, head, this) ? headEnd : REFUSED;
  }

  private bounded(result: number, length: number): number {
    return result === INCOMPLETE && length >= this.limits.headBytes ? refuse(this, 'head_too_large') : result;
  }

  private scanRequestLine(bytes: Buffer, start: number, end: number, head: RequestHead): number {
    let at = start;
    while (TOKEN_LOWER[bytes[at] as number] !== 0) at++;
    if (at - start > METHOD_BYTES) return refuse(this, 'request_line_malformed');
    if (bytes[at] !== SP || at === start) return this.lineFailure(bytes, at, end, 'request_line_malformed');
    const methodEnd = at++;
    while (TARGET_BYTE[bytes[at] as number] !== 0) at++;
    const targetStart = methodEnd + 1;
    if (at - targetStart > this.limits.targetBytes) return refuse(this, 'target_too_long');
    if (bytes[at] !== SP || at === targetStart) return this.lineFailure(bytes, at, end, 'request_target_invalid');
    const versionStart = at + 1;
    const lineEnd = this.scanVersion(bytes, versionStart, end, head);
    if (lineEnd <= 0) return lineEnd;
    head.method = methodOf(bytes, start, methodEnd);
    head.target = at - targetStart === 1 && bytes[targetStart] === 0x2f ? '/' : bytes.latin1Slice(targetStart, at);
    return lineEnd;
  }

  private scanVersion(bytes: Uint8Array, start: number, end: number, head: RequestHead): number {
    for (let i = 0; i < VERSION_PREFIX.length; i++) {
      if (bytes[start + i] !== VERSION_PREFIX[i]) return this.versionFailure(bytes, start, end);
    }
    const minor = (bytes[start + VERSION_PREFIX.length] as number) - 0x30;
    if (minor !== 0 && minor !== 1) return this.versionFailure(bytes, start, end);
    head.minorVersion = minor;
    const at = start + VERSION_LENGTH;
    if (bytes[at] === CR && bytes[at + 1] === LF && at + 1 < end) return at + 2;
    if (at >= end || (bytes[at] === CR && at + 1 >= end)) return INCOMPLETE;
    return refuse(this, bytes[at] === LF || bytes[at] === CR ? 'line_end_invalid' : 'version_malformed');
  }

  private versionFailure(bytes: Uint8Array, start: number, end: number): number {
    const version = Buffer.from(
      bytes.buffer,
      bytes.byteOffset + start,
      Math.min(VERSION_LENGTH, end - start),
    ).latin1Slice();
    if (version.length < VERSION_LENGTH && 'HTTP/'.startsWith(version.slice(0, 5))) {
      return /^(?:H|HT|HTT|HTTP|HTTP\/\d?\.?)?$/.test(version) ? INCOMPLETE : refuse(this, 'version_malformed');
    }
    return refuse(this, /^HTTP\/\d\.\d$/.test(version) ? 'version_unsupported' : 'version_malformed');
  }

  private lineFailure(bytes: Uint8Array, at: number, end: number, code: ErrorCode): number {
    if (at >= end) return INCOMPLETE;
    return refuse(this, bytes[at] === LF || bytes[at] === CR ? 'line_end_invalid' : code);
  }
}

const COMMON_METHODS: ReadonlyMap<string, string> = new Map(
  ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'CONNECT', 'TRACE'].map((name) => [name, name]),
);

function methodOf(bytes: Buffer, start: number, end: number): string {
  if (end - start === 3 && bytes[start] === 0x47 && bytes[start + 1] === 0x45 && bytes[start + 2] === 0x54)
    return 'GET';
  const text = bytes.latin1Slice(start, end);
  return COMMON_METHODS.get(text) ?? text;
}
