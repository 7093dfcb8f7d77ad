import { judgeRequests, judgeResponses, LLHTTP_METHODS } from './llhttp.ts';
import { knownDifference } from './known-differences.ts';
import type { ParsedMessage, Reading } from './parsed-message.ts';
import { type OwnReading, readRequests } from './read-requests.ts';
import { readResponses } from './read-responses.ts';

const HEAD_END = Buffer.from('\r\n\r\n\r\n\r\n', 'latin1');

/** What was read when the bytes ended: nothing was refused, and more was waited for. */
const WAITING: ReadonlySet<string> = new Set([
  'client_abort_head',
  'client_abort_request',
  'backend_reset_before_head',
  'backend_reset_in_head',
  'backend_body_incomplete',
]);

/** One input of the fuzzer. */
export interface FuzzCase {
  readonly kind: 'request' | 'response';
  /** Responses only: they answer HEAD. */
  readonly toHead: boolean;
  /** The connection's bytes, latin1. */
  readonly text: string;
  /** Lengths of the reads; what is left over comes as the last one. */
  readonly cuts: readonly number[];
}

/** Where two readers disagree. */
export interface Difference {
  /** Short and the same for the same cause, so that a case can be made smaller without becoming another one. */
  readonly what: string;
  readonly detail: string;
}

/** What comparing one case brought. */
export interface Verdict {
  readonly difference: Difference | null;
  /** Heads that the proxy accepted. */
  readonly accepted: number;
  /** Messages that the proxy read to their end. */
  readonly completed: number;
  /** Why the proxy stopped, or null. */
  readonly refused: string | null;
  /** llhttp read everything that the proxy refused. */
  readonly stricter: boolean;
  /** Ids of the listed differences that were met. */
  readonly known: readonly string[];
}

/** Reads a case in pieces and whole with the proxy's codec and whole with llhttp, and compares. */
export function compareCase(input: FuzzCase): Verdict {
  const bytes = Buffer.from(input.text, 'latin1');
  const known: string[] = [];
  let own: Reading = { messages: [], refused: 'threw' };
  let judged: Reading = own;
  let difference: Difference | null;
  try {
    const read = input.kind === 'request' ? readRequests : (list: Buffer[]) => readResponses(list, input.toHead);
    own = read([bytes]);
    judged =
      input.kind === 'request'
        ? judgeOwnRequests(bytes, own as OwnReading, known)
        : judgeResponses(bytes, input.toHead);
    difference = splitDifference(read, bytes, input.cuts) ?? readingDifference(own, judged, input.kind, known);
  } catch (error) {
    difference = { what: 'throws', detail: String(error) };
  }
  return {
    difference,
    accepted: own.messages.length,
    completed: own.messages.filter((message) => message.complete).length,
    refused: own.refused,
    stricter: own.refused !== null && !WAITING.has(own.refused) && judged.refused === null,
    known,
  };
}

/** The reads of a case. */
export function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const length of cuts) {
    if (at >= bytes.length) break;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  if (at < bytes.length) pieces.push(bytes.subarray(at));
  return pieces;
}

/** llhttp knows a closed list of methods: a valid token that is not on it is judged as POST. */
function judgeOwnRequests(bytes: Buffer, own: OwnReading, known: string[]): Reading {
  let text = bytes.latin1Slice();
  let changed = false;
  for (let i = own.messages.length - 1; i >= 0; i--) {
    const { method } = own.messages[i] as ParsedMessage;
    if (LLHTTP_METHODS.has(method)) continue;
    const at = text.indexOf(method, own.headOffsets[i]);
    text = `${text.slice(0, at)}POST${text.slice(at + method.length)}`;
    changed = true;
  }
  if (!changed) return judgeRequests(bytes);
  known.push('unknown-method');
  const judged = judgeRequests(Buffer.from(text, 'latin1'));
  own.messages.forEach((message, i) => {
    const other = judged.messages[i];
    if (other !== undefined && !LLHTTP_METHODS.has(message.method)) other.method = message.method;
  });
  return judged;
}

type Read = (pieces: Buffer[]) => Reading;

/**
 * A head that is not complete is refused early when it comes whole, and looked at again only at its end when it comes in
 * pieces: where the bytes end too soon, the readings must agree once they go on.
 */
function splitDifference(read: Read, bytes: Buffer, cuts: readonly number[]): Difference | null {
  if (sameReading(read([bytes]), read(cut(bytes, cuts)))) return null;
  const ended = Buffer.concat([bytes, HEAD_END]);
  const whole = read([ended]);
  const split = read([...cut(bytes, cuts), HEAD_END]);
  if (sameReading(whole, split)) return null;
  return { what: 'pieces are read differently', detail: pair(whole, split) };
}

function sameReading(a: Reading, b: Reading): boolean {
  return JSON.stringify([a.messages, a.refused]) === JSON.stringify([b.messages, b.refused]);
}

function readingDifference(own: Reading, judged: Reading, kind: FuzzCase['kind'], known: string[]): Difference | null {
  for (let i = 0; i < own.messages.length; i++) {
    const message = own.messages[i] as ParsedMessage;
    const other = judged.messages[i];
    const found = other === undefined ? refusedByJudge(judged) : messageDifference(message, other, own, judged);
    if (found !== null) {
      const listed = knownDifference(message, other, judged, found.what);
      if (listed === null) return found;
      known.push(listed);
      return null;
    }
    const last = kind === 'request' ? !message.persistent : message.status >= 200;
    if (last) return null;
  }
  const waiting = own.refused === null || WAITING.has(own.refused);
  if (waiting && judged.messages.length > own.messages.length) {
    return { what: 'llhttp sees more messages', detail: JSON.stringify(judged.messages.slice(own.messages.length)) };
  }
  return null;
}

function refusedByJudge(judged: Reading): Difference {
  return { what: `accepted a head that llhttp refuses: ${judged.refused ?? 'incomplete'}`, detail: '' };
}

function messageDifference(
  own: ParsedMessage,
  other: ParsedMessage,
  reading: Reading,
  judged: Reading,
): Difference | null {
  for (const key of ['method', 'target', 'status', 'minorVersion', 'framing', 'persistent'] as const) {
    if (own[key] !== other[key]) return { what: `${key} differs`, detail: `${own[key]} and ${other[key]}` };
  }
  if (!sameLines(own.fields, other.fields)) return { what: 'fields differ', detail: pair(own.fields, other.fields) };
  if (own.complete && !other.complete)
    return { what: `took a body that llhttp refuses: ${judged.refused ?? 'incomplete'}`, detail: own.body };
  if (!own.complete) return openBodyDifference(own, other, reading);
  if (own.body !== other.body) return { what: 'body differs', detail: pair(own.body, other.body) };
  return sameLines(own.trailers, other.trailers)
    ? null
    : { what: 'trailers differ', detail: pair(own.trailers, other.trailers) };
}

/** The proxy did not read the body to its end: what it passed on must be what llhttp sees, and it must not wait for more. */
function openBodyDifference(own: ParsedMessage, other: ParsedMessage, reading: Reading): Difference | null {
  if (!other.body.startsWith(own.body)) return { what: 'body begins differently', detail: pair(own.body, other.body) };
  const waiting = reading.refused !== null && WAITING.has(reading.refused);
  return waiting && other.complete
    ? { what: 'body ends later than for llhttp', detail: pair(own.body, other.body) }
    : null;
}

function sameLines(a: readonly [string, string][], b: readonly [string, string][]): boolean {
  return a.length === b.length && a.every(([name, value], i) => name === b[i]?.[0] && value === b[i]?.[1]);
}

function pair(a: unknown, b: unknown): string {
  return `${JSON.stringify(a)} and ${JSON.stringify(b)}`;
}
