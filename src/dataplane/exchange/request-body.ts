import type { FieldList } from '../../base/http/field-list.ts';
import { holdBytes } from '../wire/buffered-bytes.ts';
import type { BodySink, BodySource } from './body.ts';

/** Bytes that may wait for a backend connection before the client is paused. */
const HOLD_BYTES = 65_536;

/**
 * The body of a request as a source for one attempt after the other. Bytes that arrive while no attempt is ready are held.
 * With a spool limit they are kept after they were sent, so that another attempt can have them again (retries, mirroring).
 */
export class RequestBody implements BodySink {
  /** Bytes received so far. */
  received = 0;
  /** Everything has arrived. */
  complete = false;
  trailers: FieldList | null = null;
  private readonly source: BodySource;
  private spoolLimit: number;
  private sink: BodySink | null = null;
  private held: Buffer[] = [];
  private heldBytes = 0;
  /** Bytes went to a sink and were not kept. */
  private consumed = false;

  /**
   * @param source what delivers the bytes and can be paused
   * @param spoolLimit bytes to keep for another attempt; 0 = none
   */
  constructor(source: BodySource, spoolLimit: number) {
    this.source = source;
    this.spoolLimit = spoolLimit;
  }

  /** Whether another attempt would get the whole body from its first byte. */
  get replayable(): boolean {
    return !this.consumed;
  }

  /** Keeps up to `limitBytes` for another attempt; before the first `attach`. */
  keepUpTo(limitBytes: number): void {
    if (limitBytes > this.spoolLimit) this.spoolLimit = limitBytes;
  }

  /** Makes `sink` the taker: it gets everything from the first byte on, then what comes. Only while `replayable`. */
  attach(sink: BodySink): void {
    this.sink = sink;
    const held = this.held;
    if (this.heldBytes > this.spoolLimit) this.dropHeld();
    // First, so that a taker that is full at once can pause the source for good.
    if (!this.complete) this.source.resumeBody();
    for (const bytes of held) {
      if (this.sink !== sink) return;
      sink.bodyData(bytes, 0, bytes.length);
    }
    if (this.complete && this.sink === sink) sink.bodyEnd(this.trailers);
  }

  /** The attempt failed or ended: bytes are held again. */
  detach(): void {
    this.sink = null;
  }

  bodyData(bytes: Buffer, start: number, end: number): void {
    this.received += end - start;
    if (this.sink !== null && (this.consumed || this.heldBytes + end - start > this.spoolLimit)) {
      this.consumed = true;
      this.dropHeld();
      this.sink.bodyData(bytes, start, end);
      return;
    }
    this.held.push(Buffer.copyBytesFrom(bytes, start, end - start));
    this.heldBytes += end - start;
    holdBytes(end - start);
    if (this.sink !== null) this.sink.bodyData(bytes, start, end);
    else if (this.heldBytes >= HOLD_BYTES) this.source.pauseBody();
  }

  bodyEnd(trailers: FieldList | null): void {
    this.complete = true;
    this.trailers = trailers;
    if (this.sink !== null) this.sink.bodyEnd(trailers);
  }

  /** The exchange is over: gives back what is held. */
  release(): void {
    this.sink = null;
    this.dropHeld();
  }

  /** The taker is slow. */
  pause(): void {
    this.source.pauseBody();
  }

  /** The taker is ready again. */
  resume(): void {
    this.source.resumeBody();
  }

  private dropHeld(): void {
    if (this.heldBytes > 0) this.consumed = true;
    holdBytes(-this.heldBytes);
    this.held = [];
    this.heldBytes = 0;
  }
}
