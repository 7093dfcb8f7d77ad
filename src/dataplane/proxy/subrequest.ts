import type { ErrorCode } from '../../base/errors/catalogue.ts';
import { RequestHead } from '../../base/http1/request-head.ts';
import type { RequestHeadParser } from '../../base/http1/request-head-parser.ts';
import type { BodySource } from '../exchange/body.ts';
import type { Downstream, TunnelSide } from '../exchange/downstream.ts';
import { type Abortable, Exchange } from '../exchange/exchange.ts';
import { RequestBody } from '../exchange/request-body.ts';
import type { MatchedRoute } from '../exchange/route.ts';
import type { UpstreamHead } from '../exchange/upstream.ts';
import { AttemptLoop, type AttemptTaker } from './attempt.ts';

/** What a subrequest asks. */
export interface SubrequestOrder {
  /** The exchange on whose behalf it runs: client address, request id and forwarded fields are its own. */
  readonly parent: Exchange;
  /** Where it goes; its filters do not run. */
  readonly route: MatchedRoute;
  readonly method: string;
  readonly target: string;
  /** Field lines, each `Name: value\r\n`; parsed by the same rules as a client's. */
  readonly fields: string;
  /** The whole request body, or null. */
  readonly body: Buffer | null;
  /** Bytes of the answer's body that are kept; a longer answer is a failure. */
  readonly limitBytes: number;
}

/** What came of it. */
export type SubrequestResult =
  | { readonly status: number; readonly head: readonly (readonly [string, string])[]; readonly body: Buffer }
  | { readonly failure: ErrorCode };

/**
 * A request of the proxy's own (forward authentication, mirroring, revalidation): the normal attempt loop with its selection,
 * pools and resend rule, whose answer is collected instead of being sent to a client.
 */
export class Subrequest implements AttemptTaker, Abortable {
  /** Settles once; aborted ones settle with `client_abort_waiting`. */
  readonly result: Promise<SubrequestResult>;
  private readonly exchange: Exchange;
  private readonly resolve: (result: SubrequestResult) => void;
  private readonly limitBytes: number;
  private readonly loop: AttemptLoop;
  private status = 0;
  private fields: [string, string][] = [];
  private readonly chunks: Buffer[] = [];
  private length = 0;

  constructor(order: SubrequestOrder, parser: RequestHeadParser) {
    const { promise, resolve } = Promise.withResolvers<SubrequestResult>();
    this.result = promise;
    this.resolve = resolve;
    this.limitBytes = order.limitBytes;
    const exchange = exchangeOf(order, parser);
    this.exchange = exchange;
    this.loop = new AttemptLoop(exchange, order.route, this);
    if (order.body !== null && exchange.body !== null) {
      exchange.body.bodyData(order.body, 0, order.body.length);
      exchange.body.bodyEnd(null);
    }
    this.loop.start();
  }

  abort(): void {
    this.loop.abort();
    this.settle({ failure: 'client_abort_waiting' });
  }

  attemptInformational(): void {
    return;
  }

  attemptHead(head: UpstreamHead): void {
    this.status = head.status;
    this.fields = [...head.fields.entries()];
  }

  attemptUpgraded(_head: UpstreamHead, backend: TunnelSide): TunnelSide {
    backend.tunnelClosed();
    this.settle({ failure: 'backend_invalid_response' });
    return CLOSED_SIDE;
  }

  attemptRetried(): void {
    return;
  }

  attemptDenied(): void {
    return;
  }

  attemptFailed(code: ErrorCode): void {
    this.settle({ failure: code });
  }

  bodyData(bytes: Buffer, start: number, end: number): void {
    this.length += end - start;
    if (this.length > this.limitBytes) {
      this.loop.abort();
      this.settle({ failure: 'backend_invalid_response' });
      return;
    }
    this.chunks.push(Buffer.copyBytesFrom(bytes, start, end - start));
  }

  bodyEnd(): void {
    this.settle({ status: this.status, head: this.fields, body: Buffer.concat(this.chunks) });
  }

  private settle(result: SubrequestResult): void {
    this.exchange.body?.release();
    this.resolve(result);
  }
}

function exchangeOf(order: SubrequestOrder, parser: RequestHeadParser): Exchange {
  const { parent, body } = order;
  const head = parseHead(order, parser);
  const exchange = new Exchange(
    NO_DOWNSTREAM,
    head,
    {
      traits: parent.traits,
      peerAddress: parent.peerAddress,
      ends: parent.ends,
      peerTrusted: false,
      scheme: parent.scheme,
      forwardedFields: parent.forwardedFields,
    },
    performance.now(),
  );
  exchange.readTarget();
  exchange.requestId = parent.requestId;
  exchange.requestIdField = parent.requestIdField;
  exchange.clientAddress = parent.clientAddress;
  exchange.forwardedHost = parent.forwardedHost;
  if (body !== null) exchange.body = new RequestBody(NO_DOWNSTREAM, body.length);
  return exchange;
}

function parseHead(order: SubrequestOrder, parser: RequestHeadParser): RequestHead {
  const length = order.body === null ? '' : `Content-Length: ${order.body.length}\r\n`;
  const host = order.parent.head.authority;
  const text = `${order.method} ${order.target} HTTP/1.1\r\nHost: ${host}\r\n${order.fields}${length}\r\n\0`;
  const bytes = Buffer.from(text, 'latin1');
  const head = new RequestHead();
  if (parser.parse(bytes, 0, bytes.length - 1, head) !== bytes.length - 1) {
    throw new Error(`a subrequest of the proxy's own is not a valid request: ${parser.failure.code}`);
  }
  return head;
}

const CLOSED_SIDE: TunnelSide = {
  tunnelData: () => undefined,
  tunnelEnd: () => undefined,
  tunnelClosed: () => undefined,
  tunnelOver: () => undefined,
  pauseTunnel: () => undefined,
  resumeTunnel: () => undefined,
};

/** A subrequest has no client: what would go to one goes nowhere. */
const NO_DOWNSTREAM: Downstream & BodySource = {
  protocolName: 'HTTP/1.1',
  takesInformational: false,
  responseSource: null,
  bodyBytesSent: 0,
  sendInformational: () => undefined,
  sendHead: () => undefined,
  sendUpgrade: () => CLOSED_SIDE,
  keepOpen: () => undefined,
  cut: () => undefined,
  bodyData: () => undefined,
  bodyEnd: () => undefined,
  pauseBody: () => undefined,
  resumeBody: () => undefined,
};
