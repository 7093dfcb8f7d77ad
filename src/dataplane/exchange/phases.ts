import type { Exchange } from './exchange.ts';

/** Where an exchange was when it ended; docs/failure-reasons.md explains each. */
type Phase = 'request' | 'queue' | 'connect' | 'upload' | 'first_byte' | 'body';

/**
 * Where the time of an exchange went, in ms; a phase that it never came to is negative. `before`, `retries`, `queue`, `connect`,
 * `upload`, `firstByte` and `body` follow each other without a gap: what an exchange came to adds up to its whole time.
 */
export class Phases {
  /** From the complete head of the request to the first attempt: filters and routing. */
  before = 0;
  /** Attempts before the last one, and the waits between them. */
  retries = -1;
  /** Choosing a backend and waiting for a connection that others held. */
  queue = -1;
  /** Opening a connection; 0 when one was open. */
  connect = -1;
  /** Until the backend had the body of the request; how fast the client sends it counts here. */
  upload = -1;
  /** From the last byte of the request to the head of the answer. */
  firstByte = -1;
  /** From the head of the answer to its end, or how long a tunnel was open. */
  body = -1;
  /** Where the exchange is. */
  current: Phase = 'request';

  /** Reads an exchange at `nowMs`, which is its end when it is over. */
  read(exchange: Exchange, nowMs: number): void {
    const { startedMs, firstAttemptMs, attemptMs, openingMs, sentMs, answeredMs } = exchange;
    const isTried = firstAttemptMs > 0;
    this.before = (isTried ? firstAttemptMs : nowMs) - startedMs;
    this.retries = isTried ? attemptMs - firstAttemptMs : -1;
    this.queue = isTried ? (openingMs || sentMs || nowMs) - attemptMs : -1;
    this.connect = -1;
    if (openingMs > 0) this.connect = (sentMs || nowMs) - openingMs;
    else if (sentMs > 0) this.connect = 0;
    this.upload = -1;
    this.firstByte = -1;
    if (sentMs > 0) this.readSent(exchange, nowMs);
    this.body = answeredMs > 0 ? nowMs - answeredMs : -1;
    this.current = phaseOf(exchange);
  }

  private readSent({ body, sentMs, uploadedMs, answeredMs }: Exchange, nowMs: number): void {
    const headMs = answeredMs || nowMs;
    // An answer may come before the body of the request is whole: no time is left for the backend alone then.
    const givenMs = body === null ? sentMs : Math.min(uploadedMs || headMs, headMs);
    this.upload = givenMs - sentMs;
    this.firstByte = headMs - givenMs;
  }
}

/** Where an exchange is. */
function phaseOf({ firstAttemptMs, openingMs, sentMs, uploadedMs, answeredMs, body }: Exchange): Phase {
  if (answeredMs > 0) return 'body';
  if (sentMs > 0) return body !== null && uploadedMs === 0 ? 'upload' : 'first_byte';
  if (openingMs > 0) return 'connect';
  return firstAttemptMs > 0 ? 'queue' : 'request';
}
