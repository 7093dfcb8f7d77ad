import type { ErrorCode } from '../../../base/errors/catalogue.ts';
import type { RequestHead } from '../../../base/http1/request-head.ts';
import type { BodySink } from '../../exchange/body.ts';
import type { ConnectionContext } from '../connection-context.ts';
import { ReadWatch } from './read-watch.ts';
import { RequestIntake } from './request-intake.ts';

/** Body bytes that are read and thrown away after an early answer to keep the connection. */
const DISCARD_BYTES = 262_144;

/** Receives the body of one request: reads it off the connection, watches its pace, throws the rest away after an early answer. */
export class BodyReceiver {
  private readonly intake: RequestIntake;
  private readonly watch: ReadWatch;
  private readonly context: ConnectionContext;
  private discarding = false;
  /** The client waits for 100: it is not to blame for the time that passes. */
  private uninvited: boolean;

  /** @param late called once when the body does not come in time, or too slowly */
  constructor(context: ConnectionContext, head: RequestHead, sink: BodySink, late: (code: ErrorCode) => void) {
    const { limits, timeouts } = context.settings;
    this.context = context;
    this.intake = new RequestIntake(head.framing, head.contentLength, limits.bodyBytes, sink);
    this.watch = new ReadWatch(context.wheel, timeouts, this.intake, late);
    this.uninvited = head.expectContinue;
    if (this.uninvited) this.pause();
  }

  get complete(): boolean {
    return this.intake.complete;
  }

  /** Whether no byte of the body came yet, and some must. */
  get untouched(): boolean {
    return this.intake.received === 0 && !this.intake.complete;
  }

  /** Why `read` refused. */
  get failure(): ErrorCode {
    return this.intake.failure;
  }

  /** More is coming than is worth throwing away. */
  get excessive(): boolean {
    return this.discarding && (this.intake.received > DISCARD_BYTES || this.intake.missingBytes > DISCARD_BYTES);
  }

  /** Reads `bytes[start, end)`; returns the offset after the last byte of the body, or -1. */
  read(bytes: Buffer, start: number, end: number): number {
    if (this.uninvited) this.invited();
    const stop = this.intake.read(bytes, start, end);
    if (stop < 0 || this.intake.complete) this.watch.stop();
    return stop;
  }

  /** The answer is complete: what still comes is thrown away. */
  discard(): void {
    this.discarding = true;
    this.intake.sink = null;
  }

  /** We stopped reading. */
  pause(): void {
    this.watch.pause(this.context.wheel.nowMs);
  }

  /** The client was told to go on, or did by itself. */
  invited(): void {
    this.uninvited = false;
    this.resume();
  }

  /** We read again. */
  resume(): void {
    if (!this.uninvited) this.watch.resume(this.context.wheel.nowMs);
  }

  /** Nothing more is wanted. */
  stop(): void {
    this.watch.stop();
  }
}
