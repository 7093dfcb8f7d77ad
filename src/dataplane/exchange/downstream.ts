import type { FieldList } from '../../base/http/field-list.ts';
import type { RequestHead } from '../../base/http1/request-head.ts';
import type { ResponseHead } from '../../base/http1/response-head.ts';
import type { BodySink, BodySource } from './body.ts';
import type { RequestIdField } from './request-id-field.ts';

/** The request that an answer belongs to. */
export interface AnsweredRequest {
  readonly head: RequestHead;
  readonly requestId: string;
  readonly requestIdField: RequestIdField;
}

/** The client's side of one exchange, whatever its protocol. Calls after the exchange ended are ignored. */
export interface Downstream extends BodySink, BodySource {
  /** For the access log: `HTTP/1.1`, `HTTP/2.0`. */
  readonly protocolName: string;
  /** Whether 1xx answers may be sent (not on HTTP/1.0). */
  readonly takesInformational: boolean;
  /** Sends a 1xx answer. */
  sendInformational(status: number, fields: FieldList): void;
  /**
   * Sends the head of the final answer. `head.framing` says how the source frames the body; the implementation frames it anew.
   * @param close the answer is the connection's last
   */
  sendHead(request: AnsweredRequest, head: ResponseHead, close: boolean): void;
  /** Answers 101 and hands the connection's bytes to `tunnel` from now on; only after an upgrade request. */
  sendUpgrade(request: AnsweredRequest, head: ResponseHead, tunnel: TunnelSide): TunnelSide;
  /** The answer stays open for long: instead of the write timeout the client has `idleMs` to take something, 0 = no limit. */
  keepOpen(idleMs: number): void;
  /** What to slow down while the client reads slowly; set by whoever streams the answer. */
  responseSource: BodySource | null;
  /** Cuts the stream: the only answer to a failure after the head was sent. */
  cut(): void;
  /** Body bytes handed over so far, framing excluded. */
  readonly bodyBytesSent: number;
}

/** One side of a tunnel, as the other side sees it. */
export interface TunnelSide {
  tunnelData(bytes: Buffer, start: number, end: number): void;
  /** The other side sent its last byte. */
  tunnelEnd(): void;
  /** The other side is gone, and with it the tunnel. */
  tunnelClosed(): void;
  /** The connection of the other side is closed, in whatever way: the last call. */
  tunnelOver(): void;
  pauseTunnel(): void;
  resumeTunnel(): void;
}
