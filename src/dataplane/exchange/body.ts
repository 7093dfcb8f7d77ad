import type { FieldList } from '../../base/http/field-list.ts';

/** Takes a body's bytes in order. `bytes[start, end)` are lent until the call returns. */
export interface BodySink {
  bodyData(bytes: Buffer, start: number, end: number): void;
  /** The body is complete. Exactly once, unless its source was aborted. */
  bodyEnd(trailers: FieldList | null): void;
}

/** Gives a body; can be slowed down by whoever takes it. */
export interface BodySource {
  pauseBody(): void;
  resumeBody(): void;
}

/**
 * Changes a body on its way: a sink for what comes in, a source for what goes out. Built per exchange by a filter's
 * `requestBody` or `responseBody` phase; where no filter has one, bytes pass untouched.
 */
export interface BodyTransform extends BodySink, BodySource {
  /** Tells where the result goes and whom to slow down. Called once, before any data. */
  connect(out: BodySink, source: BodySource): void;
  /** The exchange is over, however it ended: frees what the transform holds. Nothing may go out afterwards. Exactly once. */
  destroy(): void;
}
