/** What a head may cost; checked before anything proportional to the input happens (DESIGN.md 5). */
export interface HeadLimits {
  /** Bytes of the whole head, blank line included. */
  readonly headBytes: number;
  /** Field lines. */
  readonly headFields: number;
  /** Bytes of the request target; unused for responses. */
  readonly targetBytes: number;
}

/** Most hexadecimal digits of a chunk size: 13 digits stay below 2^53. */
export const CHUNK_SIZE_DIGITS = 13;
/** Most bytes of one chunk's extensions. */
export const CHUNK_EXTENSION_BYTES = 256;
/** Most bytes of all chunk extensions of one body; tiny chunks with long extensions are an attack on the reader's CPU. */
export const CHUNK_EXTENSIONS_TOTAL_BYTES = 16_384;
/** Most bytes of a trailer section. */
export const TRAILER_BYTES = 8_192;
/** Most field lines of a trailer section. */
export const TRAILER_FIELDS = 32;
