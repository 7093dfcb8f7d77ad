import type { ErrorCode } from '../../base/errors/catalogue.ts';
import { splitTarget } from '../../base/http/request-path.ts';
import type { RequestHead } from '../../base/http1/request-head.ts';
import type { BodyTransform } from './body.ts';
import type { ConnectionEnds } from './connection-ends.ts';
import type { Downstream } from './downstream.ts';
import type { ListenerTraits } from './listener-traits.ts';
import type { OpenStream } from './open-stream.ts';
import { NO_REQUEST_ID_FIELD, type RequestIdField } from './request-id-field.ts';
import type { RequestBody } from './request-body.ts';
import type { MatchedRoute, RouteSeries } from './route.ts';
import type { UpstreamBackend } from './upstream.ts';

/** What runs on behalf of an exchange and must stop when the exchange is aborted. */
export interface Abortable {
  abort(): void;
}

/** One request and its response (DESIGN.md 3). All fields are set here, so that every exchange has one shape. */
export class Exchange {
  readonly downstream: Downstream;
  readonly traits: ListenerTraits;
  /** Parsed head; owned by the connection, valid until the exchange is finished. */
  readonly head: RequestHead;
  /** Clock of `performance.now` when the head was complete. */
  readonly startedMs: number;
  /** Address of the connection's other side, or of the one that a PROXY header named, without port. */
  readonly peerAddress: string;
  /** Ports and own address of the connection. */
  readonly ends: ConnectionEnds;
  /** Client by the trusted-proxy rule. */
  clientAddress: string;
  /** The peer's forwarded fields are believed. */
  readonly peerTrusted: boolean;
  /** Of the connection that the request came on. */
  readonly scheme: 'http' | 'https';
  /** Of the client by the trusted-proxy rule. */
  clientScheme: 'http' | 'https';
  requestId = '';
  /** The field that carries the id. */
  requestIdField: RequestIdField = NO_REQUEST_ID_FIELD;
  /** Path of the target in normal form, without query: what routes are matched with and backends get. */
  path = '';
  /** Query with its `?`, as received. */
  search = '';
  /** Why the path can be read in two ways, or null. */
  ambiguity: ErrorCode | null = null;
  /** Null when the request has no body. */
  body: RequestBody | null = null;
  route: MatchedRoute | null = null;
  /** Series of an exchange that an endpoint answered without a route. */
  series: RouteSeries | null = null;
  backend: UpstreamBackend | null = null;
  /** Attempts begun at backends. */
  attempts = 0;
  /** Clock of `performance.now` when the first attempt began, 0 = none has: as all clocks below. */
  firstAttemptMs = 0;
  /** When the last attempt began. */
  attemptMs = 0;
  /** When the last attempt began to open a connection; 0 = it got one that was open. */
  openingMs = 0;
  /** When the last attempt had its connection and the head of the request was sent. */
  sentMs = 0;
  /** When the body of the request had been sent; 0 = there was none, or its end has not come. */
  uploadedMs = 0;
  /** When the head of the answer came that the client gets. */
  answeredMs = 0;
  /** Status of the answer, or what the log shows where none could be given; 0 until known. */
  status = 0;
  failure: ErrorCode | null = null;
  /** The head of the final answer was handed over. */
  headSent = false;
  finished = false;
  running: Abortable | null = null;
  /** Limit of the whole exchange that its route set, or null. */
  deadline: { cancel(): void } | null = null;
  /** What it became that may stay open for hours, or null. */
  openStream: OpenStream | null = null;
  /** Bytes that a tunnel took from the client. */
  bytesReceived = 0;
  /** Runs when the exchange is over: the finish phases of its route's filters, where there are any. */
  atEnd: (() => void) | null = null;
  /** Value of X-Forwarded-Host for the backend. */
  forwardedHost: string;
  /** Serialised forwarded fields for the backend but for the host, without the line end of the last one. */
  forwardedFields: string;
  /** Changes the request body, or null. */
  requestTransform: BodyTransform | null = null;
  /** Changes the response body, or null. */
  responseTransform: BodyTransform | null = null;

  constructor(downstream: Downstream, head: RequestHead, origin: ExchangeOrigin, startedMs: number) {
    this.downstream = downstream;
    this.traits = origin.traits;
    this.head = head;
    this.startedMs = startedMs;
    this.peerAddress = origin.peerAddress;
    this.ends = origin.ends;
    this.clientAddress = origin.peerAddress;
    this.peerTrusted = origin.peerTrusted;
    this.scheme = origin.scheme;
    this.clientScheme = origin.scheme;
    this.forwardedFields = origin.forwardedFields;
    this.forwardedHost = head.authority;
  }

  /** Reads the head's target into path, query and what is ambiguous about them. */
  readTarget(): void {
    const { path, search, ambiguity } = splitTarget(this.head.target);
    this.path = path;
    this.search = search;
    this.ambiguity = ambiguity;
  }
}

/** What all exchanges of a connection have in common. */
export interface ExchangeOrigin {
  readonly traits: ListenerTraits;
  readonly peerAddress: string;
  readonly ends: ConnectionEnds;
  readonly peerTrusted: boolean;
  readonly scheme: 'http' | 'https';
  /** Forwarded fields of a peer that is not trusted, but for the host: the same for all its requests. */
  readonly forwardedFields: string;
}

/** The pipeline as a listener sees it. */
export interface ExchangeEntry {
  /** Runs a request whose head was accepted. */
  begin(exchange: Exchange): void;
  /** Answers and records a request that was refused before it could run; the connection closes. */
  refuse(exchange: Exchange, code: ErrorCode): void;
  /** The client is gone: stops what runs, and records how far the exchange had come. */
  left(exchange: Exchange): void;
  /** The request broke a rule or a limit on its way: stops what runs; answers with `code` if it still can. */
  abort(exchange: Exchange, code: ErrorCode): void;
  /** The answer was handed over completely. */
  finish(exchange: Exchange): void;
}
