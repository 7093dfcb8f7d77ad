import { FIELD_VALUE_BYTE, TOKEN_LOWER } from '../http/bytes.ts';
import { REFUSED } from './field-lines.ts';

const CR = 0x0d;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Behind the semicolon that begins an extension. */
export const EXTENSION_START = 0;
const NAME = 1;
const VALUE_START = 2;
const VALUE = 3;
const QUOTED = 4;
const ESCAPED = 5;
const QUOTED_END = 6;
/** The CR behind the last extension was read. */
export const EXTENSION_OVER = 7;

/**
 * Place in a chunk extension behind `byte` (RFC 9112 7.1.1): `;name`, `;name=token` or `;name="quoted"`, as often as it comes.
 * Whitespace around the signs is refused, as llhttp does: lenient readers end the line or the size there in their own ways.
 *
 * @returns the next place, {@link EXTENSION_OVER} or REFUSED
 */
export function nextInExtension(place: number, byte: number): number {
  const token = TOKEN_LOWER[byte] !== 0;
  switch (place) {
    case EXTENSION_START:
      return token ? NAME : REFUSED;
    case NAME:
      if (token) return NAME;
      return byte === EQUALS ? VALUE_START : behindExtension(byte);
    case VALUE_START:
      if (token) return VALUE;
      return byte === QUOTE ? QUOTED : REFUSED;
    case VALUE:
      return token ? VALUE : behindExtension(byte);
    case QUOTED:
      if (byte === QUOTE) return QUOTED_END;
      if (byte === BACKSLASH) return ESCAPED;
      return FIELD_VALUE_BYTE[byte] === 0 ? REFUSED : QUOTED;
    case ESCAPED:
      return FIELD_VALUE_BYTE[byte] === 0 ? REFUSED : QUOTED;
    default:
      return behindExtension(byte);
  }
}

function behindExtension(byte: number): number {
  if (byte === CR) return EXTENSION_OVER;
  return byte === SEMICOLON ? EXTENSION_START : REFUSED;
}
