import type { ErrorCode } from '../errors/catalogue.ts';
import { FIELD_VALUE_BYTE, TOKEN_LOWER } from '../http/bytes.ts';
import type { FieldList } from '../http/field-list.ts';
import { fieldIdOf, hashStep } from '../http/field-names.ts';

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
const SP = 0x20;
const TAB = 0x09;

/** More bytes are needed. */
export const INCOMPLETE = 0;
/** The bytes are refused; the code is in `failure.code`. */
export const REFUSED = -1;

/** Where a scan tells its reason; one per parser, so that the hot path allocates no result object. */
export interface ScanFailure {
  code: ErrorCode;
}

/** The part of a scan's input that does not change between lines. */
export interface FieldScan {
  /** Offset in the bytes that is offset 0 of the list's text. */
  base: number;
  /** Most field lines, and the code beyond. */
  maxFields: number;
  failure: ScanFailure;
}

/**
 * Reads field lines up to and including the blank line (RFC 9112 5). `bytes[end]` must be 0, a sentinel that ends every inner
 * loop, so that no byte needs a bounds check. Spans go into `list`, relative to `scan.base`.
 *
 * Refused (RFC 9112 2.2, 5.1, 5.2): bare CR or LF, whitespace around the name, folding, an empty or non-token name, control
 * bytes in a value, too many lines.
 *
 * @returns the offset after the blank line, {@link INCOMPLETE} or {@link REFUSED}
 */
export function scanFieldLines(
  bytes: Uint8Array,
  start: number,
  end: number,
  list: FieldList,
  scan: FieldScan,
): number {
  const base = scan.base;
  let at = start;
  for (;;) {
    let byte = bytes[at] as number;
    if (byte === CR) {
      if (bytes[at + 1] === LF && at + 1 < end) return at + 2;
      return at + 1 >= end ? INCOMPLETE : refuse(scan, 'line_end_invalid');
    }
    if (list.count >= scan.maxFields && at < end) return refuse(scan, 'too_many_fields');
    const lineStart = at;
    let hash = 0;
    let lower = 0;
    while ((lower = TOKEN_LOWER[byte] as number) !== 0) {
      hash = hashStep(hash, lower);
      byte = bytes[++at] as number;
    }
    if (byte !== COLON)
      return at >= end ? INCOMPLETE : refuse(scan, nameFailure(byte, at === lineStart && list.count > 0));
    if (at === lineStart) return refuse(scan, 'header_name_invalid');
    const nameEnd = at++;
    while ((byte = bytes[at] as number) === SP || byte === TAB) at++;
    const valueStart = at;
    while (FIELD_VALUE_BYTE[byte] !== 0) byte = bytes[++at] as number;
    if (byte !== CR)
      return at >= end ? INCOMPLETE : refuse(scan, byte === LF ? 'line_end_invalid' : 'header_value_invalid');
    if (bytes[at + 1] !== LF || at + 1 >= end) return at + 1 >= end ? INCOMPLETE : refuse(scan, 'line_end_invalid');
    let valueEnd = at;
    while (valueEnd > valueStart && ((byte = bytes[valueEnd - 1] as number) === SP || byte === TAB)) valueEnd--;
    at += 2;
    const id = fieldIdOf(bytes, lineStart, nameEnd, hash);
    list.push(id, lineStart - base, nameEnd - base, valueStart - base, valueEnd - base, at - base);
  }
}

/**
 * Writes the sentinel behind the input. A buffer without room for it would let the inner loops run past its end, so that is a
 * defect of the caller and throws.
 */
export function placeSentinel(bytes: Uint8Array, end: number): void {
  if (end >= bytes.length) throw new RangeError('no room for the sentinel behind the bytes of a head');
  bytes[end] = 0;
}

/** Stores the reason and returns {@link REFUSED}. */
export function refuse(scan: { failure: ScanFailure }, code: ErrorCode): typeof REFUSED {
  scan.failure.code = code;
  return REFUSED;
}

function nameFailure(byte: number, atLineStart: boolean): ErrorCode {
  if (atLineStart && (byte === SP || byte === TAB)) return 'header_folded';
  return byte === LF || byte === CR ? 'line_end_invalid' : 'header_name_invalid';
}
