import { ChunkedReader, type ChunkSink } from '../../base/http1/chunked-reader.ts';
import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE, BODY_UNTIL_CLOSE } from '../../base/http1/framing.ts';
import { HEAD_OPEN, HeadBuffer } from '../../base/http1/head-buffer.ts';
import { ResponseHead, ResponseHeadParser } from '../../base/http1/response-head.ts';

/** A backend's answer to a check is small; a larger head is no answer. */
const HEAD_BYTES = 65_536;
/** As far as a body is read. */
const BODY_BYTES = 65_536;
/** 1xx answers before a final one; more is a backend in a loop. */
const MAX_INFORMATIONAL = 32;

/** What the bytes so far make: more is needed, the answer is complete (or its body long enough), or it breaks HTTP. */
export type AnswerState = 'open' | 'complete' | 'invalid';

/** Reads one answer by the rules that traffic's answers are read by, so that a check does not like what requests would not. */
export class AnswerReader implements ChunkSink {
  /** Status of the final answer; 0 = its head has not come. */
  status = 0;
  private readonly parser: ResponseHeadParser = new ResponseHeadParser({
    headBytes: HEAD_BYTES,
    headFields: 512,
    targetBytes: 0,
  });
  private readonly head: ResponseHead = new ResponseHead();
  private readonly isHeadRequest: boolean;
  private readonly body: Buffer[] = [];
  private bodyBytes = 0;
  private collected: HeadBuffer = new HeadBuffer();
  private chunks: ChunkedReader | null = null;
  private informational = 0;

  constructor(isHeadRequest: boolean) {
    this.isHeadRequest = isHeadRequest;
  }

  /** The body as far as it was read. */
  get text(): Buffer {
    return Buffer.concat(this.body);
  }

  /** Takes bytes from the connection. */
  take(bytes: Buffer): AnswerState {
    return this.status === 0 ? this.takeHead(bytes) : this.takeBody(bytes, 0, bytes.length);
  }

  /** The connection ended: that completes a body without a length, and nothing else. */
  ended(): AnswerState {
    return this.status !== 0 && this.head.framing === BODY_UNTIL_CLOSE ? 'complete' : 'open';
  }

  chunkData(bytes: Buffer, start: number, end: number): void {
    // A read buffer is its own piece of memory here; nothing writes over it.
    this.body.push(bytes.subarray(start, end));
    this.bodyBytes += end - start;
  }

  private takeHead(bytes: Buffer): AnswerState {
    this.collected.append(bytes, 0, bytes.length);
    while (this.collected.scan() !== HEAD_OPEN || this.collected.length >= HEAD_BYTES) {
      const { bytes: all, length } = this.collected;
      const stop = this.parser.parse(all, 0, length, this.head, this.isHeadRequest);
      if (stop <= 0) return 'invalid';
      if (this.head.status >= 200) return this.beginBody(all, stop, length);
      if (this.head.status === 101 || ++this.informational > MAX_INFORMATIONAL) return 'invalid';
      this.collected = new HeadBuffer();
      this.collected.append(all, stop, length);
    }
    return 'open';
  }

  private beginBody(bytes: Buffer, start: number, end: number): AnswerState {
    this.status = this.head.status;
    if (this.head.framing === BODY_NONE) return 'complete';
    if (this.head.framing === BODY_CHUNKED) this.chunks = new ChunkedReader();
    return start < end ? this.takeBody(bytes, start, end) : 'open';
  }

  private takeBody(bytes: Buffer, start: number, end: number): AnswerState {
    if (this.chunks === null) this.chunkData(bytes, start, end);
    else if (this.chunks.read(bytes, start, end, this) < 0) return 'invalid';
    const isOver =
      this.chunks?.done ?? (this.head.framing === BODY_LENGTH && this.bodyBytes >= this.head.contentLength);
    return isOver || this.bodyBytes >= BODY_BYTES ? 'complete' : 'open';
  }
}
