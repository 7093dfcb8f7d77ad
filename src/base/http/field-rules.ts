import { FIELD_DROPPED, FIELD_ID, FIELD_ID_COUNT, FIELD_OTHER, type KnownFieldName } from './field-names.ts';

/** 1 for each of the named fields, 0 for all others; indexed by field id. */
function tableOf(...names: KnownFieldName[]): Uint8Array {
  const table = new Uint8Array(FIELD_ID_COUNT);
  for (const name of names) table[FIELD_ID[name]] = 1;
  table[FIELD_DROPPED] = 1;
  return table;
}

const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
] as const;

/**
 * Request lines that are not copied to the backend: hop-by-hop (RFC 9110 7.6.1), framing (written anew from the parsed body),
 * and the forwarded fields, Host, which the proxy writes itself. Via lines stay: ours goes behind them.
 */
export const REQUEST_NOT_COPIED: Uint8Array = tableOf(
  ...HOP_BY_HOP,
  'host',
  'content-length',
  'expect',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-by',
  'x-real-ip',
);

/** Response lines that are not copied to the client: hop-by-hop, framing, and what the proxy writes itself (SPEC B). */
export const RESPONSE_NOT_COPIED: Uint8Array = tableOf(...HOP_BY_HOP, 'content-length', 'server', 'x-powered-by');

/** Fields that never may stand in a trailer section: framing, routing, modifiers, authentication, caching (RFC 9110 6.5.1). */
const FORBIDDEN_TRAILER = tableOf(
  ...HOP_BY_HOP,
  'host',
  'content-length',
  'expect',
  'max-forwards',
  'via',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-by',
  'x-real-ip',
  'content-type',
  'content-encoding',
  'content-range',
  'authorization',
  'cookie',
  'set-cookie',
  'www-authenticate',
  'cache-control',
  'pragma',
  'range',
  'vary',
  'location',
  'date',
  'age',
  'retry-after',
  'warning',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
);

const HOP_BY_HOP_TABLE = tableOf(...HOP_BY_HOP);

/** Whether a known field is intended for all recipients, so that `Connection` may not nominate it. */
export function isEndToEnd(id: number): boolean {
  return id !== FIELD_OTHER && HOP_BY_HOP_TABLE[id] === 0;
}

/** Whether a field may not be sent as a trailer. */
export function isForbiddenTrailer(id: number): boolean {
  return FORBIDDEN_TRAILER[id] === 1;
}
