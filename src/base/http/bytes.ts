/** Byte classes of RFC 9110 and 9112 as tables: one load per byte in the hot loops. */

/** For a token byte (RFC 9110 5.6.2) its lower-case form, else 0. */
export const TOKEN_LOWER: Uint8Array = buildTokenTable();
/** 1 for a byte of a field value: HTAB, SP, VCHAR, obs-text (RFC 9110 5.5). */
export const FIELD_VALUE_BYTE: Uint8Array = buildTable((byte) => byte === 0x09 || (byte >= 0x20 && byte !== 0x7f));
/**
 * 1 for a byte of a request target: visible ASCII but `#`. Bytes above 0x7f are refused, since some backends read them as
 * UTF-8 and others as Latin-1; `"<>[]{}|\^` and the backquote pass, because browsers send several of them unencoded.
 */
export const TARGET_BYTE: Uint8Array = buildTable((byte) => byte > 0x20 && byte < 0x7f && byte !== 0x23);
/** Value of a hexadecimal digit, or 255. */
export const HEX_VALUE: Uint8Array = buildHexTable();

function buildTable(has: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (has(byte) ? 1 : 0));
}

function buildTokenTable(): Uint8Array {
  const tchar = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/;
  return Uint8Array.from({ length: 256 }, (_, byte) => {
    const char = String.fromCharCode(byte);
    return byte < 0x80 && tchar.test(char) ? char.toLowerCase().charCodeAt(0) : 0;
  });
}

function buildHexTable(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => {
    const value = '0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase());
    return value < 0 ? 255 : value;
  });
}

const TOKEN_TEXT = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Whether a text is a token (RFC 9110 5.6.2). */
export function isToken(text: string): boolean {
  return TOKEN_TEXT.test(text);
}
