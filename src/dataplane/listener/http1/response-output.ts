import type { FieldList } from '../../../base/http/field-list.ts';
import { RESPONSE_NOT_COPIED } from '../../../base/http/field-rules.ts';
import { BODY_CHUNKED, BODY_NONE, BODY_UNTIL_CLOSE, type BodyFraming } from '../../../base/http1/framing.ts';
import { copyLines, trailerLines } from '../../../base/http1/head-writer.ts';
import type { ResponseHead } from '../../../base/http1/response-head.ts';
import type { AnsweredRequest } from '../../exchange/downstream.ts';
import type { Wire } from '../../wire/wire.ts';
import { downstreamFraming, finalHeadText, informationalText } from './response-text.ts';

/** Answers above this are only over when the kernel took them. */
const SMALL_ANSWER_BYTES = 65_536;

/** Writes the answers of one connection, framed for its client. */
export class ResponseOutput {
  /** Body bytes of the current answer, framing excluded. */
  bodyBytes = 0;
  private readonly wire: Wire;
  private framing: BodyFraming = BODY_NONE;

  constructor(wire: Wire) {
    this.wire = wire;
  }

  /** Begins another answer. */
  reset(): void {
    this.bodyBytes = 0;
    this.framing = BODY_NONE;
  }

  /** Writes a 1xx answer. */
  informational(status: number, fields: FieldList): void {
    this.wire.writeText(informationalText(status, copyLines(fields, RESPONSE_NOT_COPIED)));
  }

  /**
   * Writes the head of the final answer.
   *
   * @param persistent the connection may stay open, as far as the caller knows
   * @returns whether it stays open: a body that only a close can end decides otherwise
   */
  head(answered: AnsweredRequest, head: ResponseHead, persistent: boolean): boolean {
    this.framing = downstreamFraming(head, answered.head.minorVersion);
    const stays = persistent && this.framing !== BODY_UNTIL_CLOSE;
    this.wire.writeText(finalHeadText(answered, head, this.framing, stays));
    return stays;
  }

  /** Writes body bytes. */
  data(bytes: Buffer, start: number, end: number): void {
    if (start === end) return;
    this.bodyBytes += end - start;
    if (this.framing !== BODY_CHUNKED) {
      this.wire.writeBytes(bytes, start, end);
      return;
    }
    this.wire.writeText(`${(end - start).toString(16)}\r\n`);
    this.wire.writeBytes(bytes, start, end);
    this.wire.writeText('\r\n');
  }

  /** Ends the answer; false when it is large and the kernel did not take all of it yet. */
  end(trailers: FieldList | null): boolean {
    if (this.framing === BODY_CHUNKED) this.wire.writeText(`0\r\n${trailerLines(trailers)}\r\n`);
    if (this.bodyBytes <= SMALL_ANSWER_BYTES) return true;
    this.wire.flush();
    return this.wire.pendingBytes === 0 && !this.wire.closed;
  }
}
