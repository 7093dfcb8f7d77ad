import type { ErrorCode } from '../errors/catalogue.ts';
import { HEX_VALUE } from '../http/bytes.ts';
import { FieldList } from '../http/field-list.ts';
import { isForbiddenTrailer } from '../http/field-rules.ts';
import { EXTENSION_OVER, EXTENSION_START, nextInExtension } from './chunk-extension.ts';
import { INCOMPLETE, REFUSED, scanFieldLines } from './field-lines.ts';
import {
  CHUNK_EXTENSION_BYTES,
  CHUNK_EXTENSIONS_TOTAL_BYTES,
  CHUNK_SIZE_DIGITS,
  TRAILER_BYTES,
  TRAILER_FIELDS,
} from './limits.ts';

const CR = 0x0d;
const LF = 0x0a;
const SEMICOLON = 0x3b;

const SIZE_FIRST = 0;
const SIZE = 1;
const EXTENSION = 2;
const SIZE_LF = 3;
const DATA = 4;
const DATA_CR = 5;
const DATA_LF = 6;
const TRAILERS = 7;
const DONE = 8;

/** Receives the payload of a chunked body, in order, as ranges of the bytes that were read. */
export interface ChunkSink {
  chunkData(bytes: Buffer, start: number, end: number): void;
}

/**
 * Streaming reader of the chunked coding (RFC 9112 7.1), strict: a size is plain hexadecimal digits, lines end with CR LF,
 * extensions are checked and skipped within limits, trailers are field lines that a trailer may carry.
 */
export class ChunkedReader {
  /** Trailer lines of a body that ended, or null when there were none. */
  trailers: FieldList | null = null;
  /** Why the last `read` refused. */
  code: ErrorCode = 'chunk_invalid';
  private state = SIZE_FIRST;
  private size = 0;
  private digits = 0;
  private extension = 0;
  private extensionPlace = EXTENSION_START;
  private extensionsTotal = 0;
  private trailerBytes: Buffer | null = null;

  /** Whether the last chunk and its trailers were read. */
  get done(): boolean {
    return this.state === DONE;
  }

  /** Makes the reader ready for another body. */
  reset(): void {
    this.trailers = null;
    this.state = SIZE_FIRST;
    this.size = 0;
    this.digits = 0;
    this.extension = 0;
    this.extensionsTotal = 0;
    this.trailerBytes = null;
  }

  /**
   * Reads `bytes[start, end)`.
   *
   * @returns the offset after the last byte that belongs to the body (`done` tells whether it ended), or REFUSED
   */
  read(bytes: Buffer, start: number, end: number, sink: ChunkSink): number {
    let at = start;
    while (at < end && this.state !== DONE) {
      if (this.state === DATA) {
        const stop = Math.min(end, at + this.size);
        this.size -= stop - at;
        if (this.size === 0) this.state = DATA_CR;
        sink.chunkData(bytes, at, stop);
        at = stop;
      } else if (this.state === TRAILERS) {
        at = this.readTrailers(bytes, at, end);
        if (at < 0) return REFUSED;
      } else if (!this.step(bytes[at++] as number)) {
        return REFUSED;
      }
    }
    return at;
  }

  private step(byte: number): boolean {
    switch (this.state) {
      case SIZE_FIRST:
      case SIZE:
        return this.stepSize(byte);
      case EXTENSION:
        return this.stepExtension(byte);
      case SIZE_LF:
        return byte === LF && this.enter(this.size === 0 ? TRAILERS : DATA);
      case DATA_CR:
        return byte === CR && this.enter(DATA_LF);
      default:
        this.size = 0;
        this.digits = 0;
        return byte === LF && this.enter(SIZE_FIRST);
    }
  }

  private stepSize(byte: number): boolean {
    const digit = HEX_VALUE[byte] as number;
    if (digit !== 255) {
      this.size = this.size * 16 + digit;
      return ++this.digits <= CHUNK_SIZE_DIGITS && this.enter(SIZE);
    }
    if (this.state === SIZE_FIRST) return false;
    this.extension = 0;
    this.extensionPlace = EXTENSION_START;
    if (byte === CR) return this.enter(SIZE_LF);
    return byte === SEMICOLON && this.enter(EXTENSION);
  }

  private stepExtension(byte: number): boolean {
    const place = nextInExtension(this.extensionPlace, byte);
    if (place === EXTENSION_OVER) return this.enter(SIZE_LF);
    this.extensionPlace = place;
    this.extensionsTotal++;
    return (
      place !== REFUSED &&
      ++this.extension <= CHUNK_EXTENSION_BYTES &&
      this.extensionsTotal <= CHUNK_EXTENSIONS_TOTAL_BYTES
    );
  }

  private enter(state: number): true {
    this.state = state;
    return true;
  }

  /** Most bodies end with an empty trailer section in the same read: two bytes, no copy. */
  private readTrailers(bytes: Buffer, start: number, end: number): number {
    if (this.trailerBytes === null && bytes[start] === CR && start + 1 < end) {
      if (bytes[start + 1] === LF) {
        this.state = DONE;
        return start + 2;
      }
    }
    const before = this.trailerBytes?.length ?? 0;
    const section = Buffer.concat([this.trailerBytes ?? Buffer.alloc(0), bytes.subarray(start, end), Buffer.alloc(1)]);
    const list = new FieldList();
    const scan = { base: 0, maxFields: TRAILER_FIELDS, failure: { code: this.code } };
    const stop = scanFieldLines(section, 0, section.length - 1, list, scan);
    if (stop === REFUSED || (stop === INCOMPLETE && section.length > TRAILER_BYTES) || stop > TRAILER_BYTES)
      return this.refuseTrailer();
    if (stop === INCOMPLETE) {
      this.trailerBytes = section.subarray(0, section.length - 1);
      return end;
    }
    list.text = section.latin1Slice(0, stop);
    for (let i = 0; i < list.count; i++) if (isForbiddenTrailer(list.idAt(i))) return this.refuseTrailer();
    if (list.count > 0) this.trailers = list;
    this.state = DONE;
    return start + stop - before;
  }

  private refuseTrailer(): typeof REFUSED {
    this.code = 'trailer_invalid';
    return REFUSED;
  }
}
