import type { ErrorCode } from '../../base/errors/catalogue.ts';
import type { FieldList } from '../../base/http/field-list.ts';
import type { RequestHead } from '../../base/http1/request-head.ts';
import type { ResponseHead } from '../../base/http1/response-head.ts';
import type { ConnectionEnds } from './connection-ends.ts';
import type { TunnelSide } from './downstream.ts';

/** What a balancer may look at. */
export interface BalancedRequest {
  readonly head: RequestHead;
  readonly clientAddress: string;
  /** Path in normal form, without query. */
  readonly path: string;
}

/** Backends of a route. */
export interface UpstreamGroup {
  /**
   * The backend for the next attempt; null when the group has none. One that does not admit requests comes only when no other is
   * left. `tried` was used by the attempt before, or refused this one.
   */
  select(request: BalancedRequest, tried: UpstreamBackend | null): UpstreamBackend | null;
}

/** What a backend keeps in an attempt from its admission to its end; the attempt loop is one, so that nothing is allocated. */
export interface AdmittedAttempt {
  /** Given by `admit`, spent when the attempt ends; the attempt itself only keeps it. Begins as {@link NO_TICKET}. */
  ticket: number;
  /** Of its route: the backends of which only a share may be ejected. */
  readonly route: { readonly peers: readonly number[] };
}

/** Ticket of an attempt that is not admitted, or whose outcome has been told. */
export const NO_TICKET = -1;

/** One backend, living longer than any snapshot. */
export interface UpstreamBackend {
  /** Identity and `backend` label: scheme, host and port as configured. */
  readonly name: string;
  /** Value of the Host field when the client's is not preserved. */
  readonly authority: string;
  /** Path that goes before the client's; without trailing slash, empty = none. */
  readonly basePath: string;
  /** Requests of this worker that asked for a connection and have not ended: those in the queue and tunnels are among them. */
  readonly inFlight: number;
  /** Whether requests may be sent there now, by its checks, by what live traffic showed, and by its breaker. */
  readonly isAvailable: boolean;
  /** Part of its requests that it takes now, above 0: less than 1 while it starts slowly. */
  readonly share: number;
  /** Whether `admit` would let a request through now: what holds even when no backend of a group is available. */
  readonly isAdmitting: boolean;
  /**
   * Asks its circuit breaker for one request; false = refused. What was admitted ends in `answered`, `failed` or `withdrawn`;
   * a further call for the same attempt counts what it tells, and gives nothing back twice.
   */
  admit(attempt: AdmittedAttempt): boolean;
  /** What was admitted says nothing about the backend, such as when the client went away while it waited for a connection. */
  withdrawn(attempt: AdmittedAttempt): void;
  /** Asks for a connection; the answer comes in this call when one is idle. */
  acquire(waiter: LeaseWaiter): void;
  /** A connection was granted, and not at once: in the queue for `queueMs`, and `connectMs` until it was open; 0 = that was not needed. */
  waited(queueMs: number, connectMs: number): void;
  /** The head of an answer arrived: counts the attempt by its status; `seconds` since its start. */
  answered(attempt: AdmittedAttempt, status: number, seconds: number): void;
  /**
   * The attempt failed: counts it by the status that the failure stands for, unless its answer's head has counted it already.
   *
   * @param seconds from the attempt's start to the timeout; null = nothing to measure
   */
  failed(attempt: AdmittedAttempt, code: ErrorCode, seconds: number | null, isCounted: boolean): void;
}

/** Why there is no connection. */
export type LeaseFailure =
  | 'backend_connect_refused'
  | 'backend_connect_failed'
  | 'backend_connect_timeout'
  | 'backend_socket_missing'
  | 'backend_unreachable'
  | 'no_local_address'
  | 'no_file_descriptors'
  | 'backend_tls_failed'
  | 'backend_certificate_invalid'
  | 'backend_pool_timeout'
  | 'backend_unresolved';

/** Asked for a connection. It is granted one or fails, exactly one of both, unless it cancelled. */
export interface LeaseWaiter {
  /** A connection is opened for it: what it waited for until now was one of others. */
  leaseOpening(): void;
  leaseGranted(connection: UpstreamConnection): void;
  leaseFailed(code: LeaseFailure): void;
  /** What the pool holds for the waiter while it waits. */
  leaseCancel: (() => void) | null;
  /** Takes none that was idle: one of those died under the request already. */
  readonly wantsFresh: boolean;
  /** Whose request it is, for backends that are told of the client when a connection begins. */
  readonly exchange: { readonly clientAddress: string; readonly peerAddress: string; readonly ends: ConnectionEnds };
}

/** A leased connection to a backend: carries one request, then goes back to its pool by itself, or closes. */
export interface UpstreamConnection {
  /** The connection had carried a request before: it may have died while idle. */
  readonly reused: boolean;
  /** Sends a request head; `chunked` frames the body that follows, `hasBody` false ends the request. */
  sendRequest(owner: UpstreamOwner, head: string, framing: UpstreamRequestFraming): void;
  sendData(bytes: Buffer, start: number, end: number): void;
  sendEnd(trailers: string): void;
  pause(): void;
  resume(): void;
  /**
   * The answer, whose head came just now, is a stream of events: silence in it is no failure here, and it is not worth a read
   * buffer of its own.
   */
  keepOpen(): void;
  /** Ends the request and the connection; the owner hears nothing more. */
  abort(): void;
  /** Called with the head of an answer that nobody wants: what is left of it is read when it is short, else the connection ends. */
  discard(): void;
  /** Whether any byte of an answer arrived. */
  readonly answerBegun: boolean;
}

/** How a request goes out. */
export interface UpstreamRequestFraming {
  readonly headRequest: boolean;
  readonly hasBody: boolean;
  readonly chunked: boolean;
  /** The body comes only when the backend asks for it (RFC 9110 10.1.1). */
  readonly expectsContinue: boolean;
  /** Protocols that the client asks to switch to, or null: a switch to any other is no answer (RFC 9110 7.8). */
  readonly upgrade: string | null;
  readonly responseTimeoutMs: number;
}

/** The attempt that a connection works for. Calls come in the order of the protocol; nothing comes after end or failure. */
export interface UpstreamOwner {
  upstreamInformational(head: UpstreamHead): void;
  upstreamHead(head: UpstreamHead): void;
  upstreamData(bytes: Buffer, start: number, end: number): void;
  upstreamEnd(trailers: FieldList | null): void;
  /** The backend switched protocols; bytes flow through the returned side from now on. */
  upstreamUpgraded(head: UpstreamHead, backend: TunnelSide): TunnelSide;
  upstreamFailed(code: UpstreamFailure): void;
  upstreamBlocked(): void;
  upstreamDrained(): void;
}

/** Head of a backend's answer; lent until the call returns. */
export type UpstreamHead = ResponseHead;

/** How an attempt can fail after it got a connection. */
export type UpstreamFailure =
  | 'backend_reset_before_head'
  | 'backend_reset_reused'
  | 'backend_reset_in_head'
  | 'backend_timeout'
  | 'backend_upload_timeout'
  | 'backend_invalid_response'
  | 'backend_head_too_large'
  | 'backend_body_invalid'
  | 'backend_body_incomplete'
  | 'backend_body_timeout'
  | 'internal_defect';
