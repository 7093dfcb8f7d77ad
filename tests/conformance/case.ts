/** One thing that the client does, in order. A text is latin1 bytes, written in one piece. */
export type ClientStep =
  | string
  /** Close the sending side (FIN); the client goes on reading. */
  | { readonly kind: 'fin' }
  /** Reset the connection (RST). */
  | { readonly kind: 'reset' }
  /** Wait until the client has read this text. */
  | { readonly kind: 'until-read'; readonly text: string }
  /** Wait until the backend has received this text in this case. */
  | { readonly kind: 'until-forwarded'; readonly text: string };

/** One thing that the backend does with a request, in order. A text is latin1 bytes, written in one piece. */
export type BackendStep =
  | string
  | { readonly kind: 'fin' }
  | { readonly kind: 'reset' }
  /** Wait until the connection has received this text. */
  | { readonly kind: 'until-received'; readonly text: string }
  /** Wait until the proxy has closed its side. */
  | { readonly kind: 'until-fin' }
  /** Wait until the client of the case has read this text. */
  | { readonly kind: 'until-delivered'; readonly text: string }
  /** Say nothing more and leave the connection open. */
  | { readonly kind: 'silence' }
  /** Write a text many times over, for floods. */
  | { readonly kind: 'repeat'; readonly text: string; readonly times: number };

/** What the backend does with the n-th request that reaches it in a case. */
export interface BackendReply {
  /** Start when the head is complete, or (the default) when the whole request is. */
  readonly at?: 'head' | 'request';
  readonly steps: readonly BackendStep[];
}

/** The listener that a case talks to: all are listeners of one running program, see `program.ts`. */
export type ListenerName = 'plain' | 'trusting' | 'patient' | 'narrow' | 'hasty';

/** An answer that the client must get. A bare number is a whole answer with that status. */
export interface ExpectedAnswer {
  /** One status, or those between which the rule leaves the choice. */
  readonly status: number | readonly number[];
  /** Code of the error catalogue in the JSON body. */
  readonly code?: string;
  /** Field lines, each present exactly once; a regular expression must match exactly one line. */
  readonly has?: readonly (string | RegExp)[];
  /** Field names that must be absent, and no line may match a regular expression. */
  readonly lacks?: readonly (string | RegExp)[];
  /** Whole body, after decoding. */
  readonly body?: string;
  readonly framing?: 'none' | 'length' | 'chunked' | 'close';
  readonly trailers?: readonly string[];
  /** true: the answer must end before its framing says so: the client can tell that it is broken. */
  readonly cut?: boolean;
  /** true: this answer may come any number of times in a row, or not at all. */
  readonly optional?: boolean;
}

/** A request that the backend must have received. A bare text is its request line. */
export interface ExpectedForward {
  readonly line: string;
  readonly has?: readonly (string | RegExp)[];
  readonly lacks?: readonly (string | RegExp)[];
  readonly body?: string;
  readonly framing?: 'none' | 'length' | 'chunked';
  readonly trailers?: readonly string[];
  /** false: the message may not have been completed, as its sender never completed it. */
  readonly complete?: boolean;
  /** true: it may also be missing. */
  readonly optional?: boolean;
}

export interface Expectation {
  /** Every answer on the connection, interim ones (1xx) included, in order. Empty = not one byte. */
  readonly answers: readonly (number | ExpectedAnswer)[];
  /**
   * The connection to the client afterwards: `closed` = the proxy closes it (FIN or RST), `open` = it serves one more request.
   * `gone` = the client has ended it by itself, nothing is asked.
   */
  readonly then: 'open' | 'closed' | 'gone';
  /**
   * `none` = the backend got not one byte; `nothing-whole` = it got no complete request, and its connection was closed;
   * else exactly these requests and nothing else.
   */
  readonly forwarded: 'none' | 'nothing-whole' | readonly (string | ExpectedForward)[];
  /** The connection to the backend afterwards: `kept` for reuse, or `closed` by the proxy. */
  readonly backendConnection?: 'kept' | 'closed';
  /** Bytes that passed through the tunnel after a 101. */
  readonly tunnel?: { readonly toBackend: string; readonly toClient: string };
}

/** A conformance case: bytes in, expectation out. */
export interface ConformanceCase {
  /** Unique and stable: two capitals and three digits. */
  readonly id: string;
  /** Where the expectation comes from. */
  readonly rule: string;
  /** The rule in words. */
  readonly title: string;
  readonly listener?: ListenerName;
  readonly send: ClientStep | readonly ClientStep[];
  /** In the order of requests; requests beyond the list get a plain 200 with the body `ok`. */
  readonly backend?: readonly BackendReply[];
  readonly expect: Expectation;
}

/** A message head: the lines, each ended by CR LF, and the empty line. */
export function head(...lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Every byte of a text as a step of its own. */
export function bytesOf(text: string): string[] {
  return text.split('');
}

/** A reply that starts when the whole request is there. */
export function reply(...steps: readonly BackendStep[]): BackendReply {
  return { steps };
}

/** A reply that starts when the head of the request is there. */
export function earlyReply(...steps: readonly BackendStep[]): BackendReply {
  return { at: 'head', steps };
}

/** The expectation of a refused request: the answer, a closed connection, and not one byte for the backend. */
export function refused(status: number | readonly number[], code?: string): Expectation {
  return { answers: [code === undefined ? { status } : { status, code }], then: 'closed', forwarded: 'none' };
}

/** The expectation of a request that is served: 200, an open connection, and these requests at the backend. */
export function served(...forwarded: readonly (string | ExpectedForward)[]): Expectation {
  return { answers: forwarded.map(() => 200), then: 'open', forwarded };
}

/** The expectation of a refused answer of the backend: an error for the client, and a backend connection that is not used again. */
export function badGateway(status: number, code?: string): Expectation {
  return {
    answers: [code === undefined ? { status } : { status, code }],
    then: 'open',
    forwarded: ['GET / HTTP/1.1'],
    backendConnection: 'closed',
  };
}

export const FIN = { kind: 'fin' } as const;
export const RESET = { kind: 'reset' } as const;

/** Wait until the client has read this text. */
export function untilRead(text: string): ClientStep {
  return { kind: 'until-read', text };
}

/** Wait until the backend has received this text in this case. */
export function untilForwarded(text: string): ClientStep {
  return { kind: 'until-forwarded', text };
}

/** Wait until the backend's connection has received this text. */
export function untilReceived(text: string): BackendStep {
  return { kind: 'until-received', text };
}

/** Wait until the client of the case has read this text. */
export function untilDelivered(text: string): BackendStep {
  return { kind: 'until-delivered', text };
}
