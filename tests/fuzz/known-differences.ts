import { type ParsedMessage, type Reading, trimmed } from './parsed-message.ts';

/** A difference from llhttp that is meant, with the reason. */
export interface KnownDifference {
  readonly id: string;
  readonly reason: string;
  /** Whether it explains a difference of `what` between the proxy's message and llhttp's, if llhttp has one. */
  readonly explains: (own: ParsedMessage, other: ParsedMessage | undefined, judged: Reading, what: string) => boolean;
}

/** Everything that is read differently on purpose. An entry here is as serious as a guard that is missing: it needs a rule. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    id: 'unknown-method',
    reason:
      'RFC 9110 9.1 and 16.1: methods are an open list of tokens; llhttp has a closed one. Judged with POST in its place.',
    explains: () => false,
  },
  {
    id: 'closes-earlier',
    reason:
      'RFC 9110 5.6.1 and 7.6.1: a member of Connection is trimmed of tabs too, and close wins over keep-alive on HTTP/1.0; ' +
      'llhttp overlooks both. A connection that closes carries no second message, so nothing can be framed differently.',
    explains: (own, _other, _judged, what) =>
      what === 'persistent differs' && !own.persistent && connectionMembers(own).includes('close'),
  },
  {
    id: 'framed-204',
    reason:
      'RFC 9112 6.1 and 6.2: 204 has no body and must not announce one; a backend that does may send one all the same, so its ' +
      'connection is not used again.',
    explains: (own, _other, _judged, what) => what === 'persistent differs' && !own.persistent && own.status === 204,
  },
  {
    id: 'proxy-connection',
    reason: 'RFC 9112 C.2.2: Proxy-Connection means nothing to a server; llhttp reads it as Connection.',
    explains: (own, _other, _judged, what) => what === 'persistent differs' && has(own, 'proxy-connection'),
  },
  {
    id: 'informational-body',
    reason: 'RFC 9112 6.3 rule 1: no 1xx answer has a body; llhttp reads one after 104 to 199.',
    explains: (own) => own.status > 103 && own.status < 200,
  },
  {
    id: 'close-on-informational',
    reason:
      'RFC 9110 15.2: a final answer follows every 1xx; llhttp takes `Connection: close` on one for the end of the connection ' +
      'and refuses the answer itself.',
    explains: (own, other, judged) =>
      own.status > 0 &&
      other === undefined &&
      judged.messages.some(({ status, persistent }) => status < 200 && !persistent),
  },
];

function has(message: ParsedMessage, lowerName: string): boolean {
  return message.fields.some(([name]) => name.toLowerCase() === lowerName);
}

function connectionMembers(message: ParsedMessage): string[] {
  const values = message.fields.filter(([name]) => name.toLowerCase() === 'connection').map(([, value]) => value);
  return values.flatMap((value) => value.toLowerCase().split(',')).map(trimmed);
}

/** Id of the listed difference that explains `what`, or null. */
export function knownDifference(
  own: ParsedMessage,
  other: ParsedMessage | undefined,
  judged: Reading,
  what: string,
): string | null {
  return KNOWN_DIFFERENCES.find((known) => known.explains(own, other, judged, what))?.id ?? null;
}
