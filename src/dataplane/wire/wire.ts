/**
 * A connected byte stream as the HTTP codecs need it: reads are lent for the length of one call, writes are collected and
 * leave together when the event that caused them has been handled.
 */
export interface Wire {
  owner: WireOwner;
  /** The other side's address without port; empty on a unix socket. */
  readonly peerAddress: string;
  /** Bytes the kernel did not take yet. */
  readonly pendingBytes: number;
  /** Bytes written to and read from the wire since it was opened. */
  readonly bytesWritten: number;
  readonly bytesRead: number;
  readonly closed: boolean;
  /** Queues latin1 text. */
  writeText(text: string): void;
  /** Queues a range of bytes lent by a {@link WireOwner.wireData} call that is still running; copied only when it must be. */
  writeBytes(bytes: Buffer, start: number, end: number): void;
  /** Queues bytes that the caller never touches again. */
  writeOwned(bytes: Buffer): void;
  /** Hands everything queued to the kernel now. Done by itself at the end of every event. */
  flush(): void;
  /** Stops and starts the delivery of data. A paused wire notices neither FIN nor RST. */
  pause(): void;
  resume(): void;
  /** Tells that much data will come, so that reads get buffers of their own which can be passed on without a copy. */
  expectBulk(bulk: boolean): void;
  /** Lets the kernel ask a silent other side whether it is there still, for connections that may be silent for long. */
  keepAlive(): void;
  /** Closes the sending side behind everything queued. */
  end(): void;
  /** Closes both sides at once. Nothing is reported to the owner afterwards. */
  destroy(): void;
  /** Like `destroy`, with a reset, so that the other side cannot take what it has for a complete message. */
  reset(): void;
}

/** What happens on a wire. Never called after the owner destroyed it. */
export interface WireOwner {
  /** `bytes[start, end)` arrived. They are lent until the call returns; `bytes[end]` may be overwritten. */
  wireData(bytes: Buffer, start: number, end: number): void;
  /** The other side closed its sending side. */
  wireEnd(): void;
  /** The kernel did not take everything: pause what feeds this wire. */
  wireBlocked(): void;
  /** Everything was taken. */
  wireDrained(): void;
  /** The connection is gone; `code` is the system's error name, {@link CUT_SHORT}, or null for a plain close. Exactly once. */
  wireClosed(code: string | null): void;
  /** Handling an event threw; the defect is reported already. Ends what the wire carries. */
  wireDefect(): void;
}

/** Code of a TLS connection that ended without its closing alert: anybody on the way may have cut what was sent (RFC 8446 6.1). */
export const CUT_SHORT = 'ERR_TLS_CUT_SHORT';

/** Silence after which the kernel asks whether the other side is there still (SPEC F, pooling). */
export const KEEP_ALIVE_DELAY_MS = 30_000;

/** Bytes of one read. */
export const READ_BYTES = 65_536;
