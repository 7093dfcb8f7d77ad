/** How the end of a body is known (RFC 9112 6.3). */
export const BODY_NONE = 0;
/** Exactly `contentLength` bytes. */
export const BODY_LENGTH = 1;
/** The chunked transfer coding. */
export const BODY_CHUNKED = 2;
/** Until the connection closes; responses only. */
export const BODY_UNTIL_CLOSE = 3;

/** One of the BODY_* numbers. */
export type BodyFraming = typeof BODY_NONE | typeof BODY_LENGTH | typeof BODY_CHUNKED | typeof BODY_UNTIL_CLOSE;

const CR = 0x0d;
const SP = 0x20;
const MAX_LENGTH_DIGITS = 15;

/**
 * Value of a Content-Length (RFC 9110 8.6) in `bytes[start, end)`, or -1 when it is not 1 to 15 digits and nothing else:
 * a sign, a list, whitespace inside or a number that could lose precision is refused, never read.
 */
export function parseContentLength(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > MAX_LENGTH_DIGITS) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/**
 * Whether only spaces stand between a framing field's value, which ends at `end`, and the CR of its line. A tab there is
 * whitespace too (RFC 9110 5.6.3), but llhttp makes it part of the value: what readers may frame differently is refused.
 */
export function hasPlainEnd(bytes: Uint8Array, end: number): boolean {
  let at = end;
  while (bytes[at] === SP) at++;
  return bytes[at] === CR;
}

/** Whether `bytes[start, end)` is `word` (lower case) in any case. */
export function equalsIgnoreCase(bytes: Uint8Array, start: number, end: number, word: string): boolean {
  if (end - start !== word.length) return false;
  for (let i = 0; i < word.length; i++) {
    const byte = bytes[start + i] as number;
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    if (lower !== word.charCodeAt(i)) return false;
  }
  return true;
}
