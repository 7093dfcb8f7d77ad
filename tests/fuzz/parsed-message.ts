/** How a message's body is framed, as a reader understood it. */
export type Framing = 'none' | 'length' | 'chunked' | 'until-close';

/** One message as one reader understood it: the form in which readers are compared. */
export interface ParsedMessage {
  /** Request method, or empty. */
  method: string;
  /** Request target as received, or empty. */
  target: string;
  /** Response status, or 0. */
  status: number;
  minorVersion: number;
  /** Names as received, values without surrounding spaces and tabs. */
  fields: [string, string][];
  framing: Framing;
  /** Whether the connection may carry another message, as far as the head says. */
  persistent: boolean;
  /** Payload, latin1. */
  body: string;
  trailers: [string, string][];
  /** The whole message was read. */
  complete: boolean;
}

/** What a reader made of a connection's bytes. */
export interface Reading {
  /** Messages whose head was accepted, in their order. */
  readonly messages: ParsedMessage[];
  /** Why the reader stopped, or null when it took everything. */
  refused: string | null;
}

/** A message to be filled in. */
export function emptyMessage(): ParsedMessage {
  return {
    method: '',
    target: '',
    status: 0,
    minorVersion: 1,
    fields: [],
    framing: 'none',
    persistent: false,
    body: '',
    trailers: [],
    complete: false,
  };
}

/** A field value without surrounding spaces and tabs (RFC 9110 5.5). */
export function trimmed(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
