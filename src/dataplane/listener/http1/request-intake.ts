import type { ErrorCode } from '../../../base/errors/catalogue.ts';
import { ChunkedReader, type ChunkSink } from '../../../base/http1/chunked-reader.ts';
import { BODY_CHUNKED, type BodyFraming } from '../../../base/http1/framing.ts';
import type { BodySink } from '../../exchange/body.ts';

/** Reads one request body off a connection and feeds it, unframed, to its taker; or throws it away. */
export class RequestIntake implements ChunkSink {
  /** Payload bytes read so far. */
  received = 0;
  complete = false;
  /** Why the last `read` failed. */
  failure: ErrorCode = 'chunk_invalid';
  /** Takes the payload; null = it is thrown away. */
  sink: BodySink | null;
  /** Payload bytes that must come for a body of known length. */
  private remaining: number;
  private readonly chunks: ChunkedReader | null;
  private readonly limitBytes: number;

  /** @param limitBytes most payload bytes, 0 = no limit */
  constructor(framing: BodyFraming, contentLength: number, limitBytes: number, sink: BodySink) {
    this.sink = sink;
    this.remaining = contentLength;
    this.chunks = framing === BODY_CHUNKED ? new ChunkedReader() : null;
    this.limitBytes = limitBytes;
  }

  /** Bytes that are known to be missing; 0 for a chunked body, whose end is not known before it comes. */
  get missingBytes(): number {
    return this.remaining;
  }

  /** Reads `bytes[start, end)`; returns the offset after the last byte of the body, or -1 with `failure` set. */
  read(bytes: Buffer, start: number, end: number): number {
    return this.chunks === null ? this.readLength(bytes, start, end) : this.readChunks(this.chunks, bytes, start, end);
  }

  chunkData(bytes: Buffer, start: number, end: number): void {
    this.received += end - start;
    if (this.limitBytes > 0 && this.received > this.limitBytes) return;
    if (this.sink !== null) this.sink.bodyData(bytes, start, end);
  }

  private readLength(bytes: Buffer, start: number, end: number): number {
    const stop = Math.min(end, start + this.remaining);
    this.remaining -= stop - start;
    this.received += stop - start;
    if (this.sink !== null && stop > start) this.sink.bodyData(bytes, start, stop);
    if (this.remaining === 0) this.finish(null);
    return stop;
  }

  private readChunks(chunks: ChunkedReader, bytes: Buffer, start: number, end: number): number {
    const stop = chunks.read(bytes, start, end, this);
    if (stop < 0) this.failure = chunks.code;
    else if (this.limitBytes > 0 && this.received > this.limitBytes) this.failure = 'body_too_large';
    else {
      if (chunks.done) this.finish(chunks.trailers);
      return stop;
    }
    return -1;
  }

  private finish(trailers: ChunkedReader['trailers']): void {
    this.complete = true;
    if (this.sink !== null) this.sink.bodyEnd(trailers);
  }
}
