import type { ErrorCode } from '../../base/errors/catalogue.ts';
import type { ResponseHead } from '../../base/http1/response-head.ts';
import type { BodyTransform } from './body.ts';
import type { Exchange } from './exchange.ts';
import type { Reply } from './reply.ts';

/** A filter's word on a request: null lets it pass, a reply or a failure code answers it. */
export type Verdict = Reply | ErrorCode | null;

/**
 * One concern of the request path, as optional phases (DESIGN.md 1, row 5). Phases run in the order of `filters/order.ts`;
 * a phase that is absent costs nothing. A throw ends the exchange with 500.
 */
export interface Filter {
  readonly name: string;
  /** Decides on the request; a promise only where waiting cannot be avoided. */
  request?(exchange: Exchange): Verdict | Promise<Verdict>;
  /** Changes the head of the final answer before it is sent. */
  response?(exchange: Exchange, head: ResponseHead): void;
  /** Gives a transform of the request body, or null to let it pass; the framing becomes chunked. */
  requestBody?(exchange: Exchange): BodyTransform | null;
  /** Gives a transform of the response body, or null to let it pass; the framing becomes chunked. */
  responseBody?(exchange: Exchange, head: ResponseHead): BodyTransform | null;
  /** Runs once when the exchange is over, whatever its outcome. */
  finish?(exchange: Exchange): void;
}
