import fc from 'fast-check';

/** A valid request as a client sends it, in parts. */
export interface SentRequest {
  readonly method: string;
  readonly target: string;
  readonly minor: number;
  readonly fields: readonly (readonly [string, string])[];
  /** Members of a Connection line. */
  readonly nominated: readonly string[];
  readonly body: string | null;
  /** Lengths of the chunks, or null for Content-Length. */
  readonly chunkLengths: readonly number[] | null;
  /** Value of an Upgrade line, with `Connection: upgrade`. */
  readonly upgrade: string | null;
  /** Lengths of the reads. */
  readonly cuts: readonly number[];
  /** The peer's forwarded fields are believed. */
  readonly trusted: boolean;
}

/** Fields of one hop (RFC 9110 7.6.1): never forwarded as received, whatever Connection says. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
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
]);

/** Fields that the proxy writes itself. */
export const OWN: ReadonlySet<string> = new Set([
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
  'x-request-id',
]);

/** Known and for all recipients: Connection cannot take them away from the backend. */
const PROTECTED: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'via',
  'user-agent',
  'accept',
  'range',
  'content-type',
  'max-forwards',
]);

const characters = (alphabet: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...alphabet.split('')), { minLength, maxLength }).map((list) => list.join(''));

const ODD_NAMES = ['Cookie', 'USER-AGENT', 'constructor', '__proto__', 'toString'];
const HOP_NAMES = ['TE', 'Trailer', 'Keep-Alive', 'Proxy-Connection', 'Proxy-Authorization', 'HTTP2-Settings'];
const OWN_NAMES = ['X-Forwarded-For', 'X-Forwarded-Host', 'X-Real-IP', 'Forwarded', 'X-Request-ID', 'Max-Forwards'];
const OPTIONS = ['close', 'keep-alive', 'TE', 'constructor', '__proto__', 'Host'];

const token = characters("!#$%&'*+-.^_`|~09azAZ", 1, 10);
const name = fc.oneof(
  { weight: 4, arbitrary: token },
  { weight: 2, arbitrary: fc.constantFrom(...PROTECTED, ...ODD_NAMES) },
  { weight: 1, arbitrary: fc.constantFrom(...HOP_NAMES) },
  { weight: 1, arbitrary: fc.constantFrom(...OWN_NAMES) },
);
const anyValue = characters(' \t!"#,;:=?@[]{}~09azAZé', 0, 20).map((text) => text.replaceAll(/^[ \t]+|[ \t]+$/g, ''));
const value = fc.oneof(
  { weight: 9, arbitrary: anyValue },
  { weight: 1, arbitrary: fc.constantFrom('trailers', '0', '7') },
);

/** Valid requests of all kinds that the proxy has rules for. */
export const sentRequest: fc.Arbitrary<SentRequest> = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'M-SEARCH'),
  target: characters(`!"$%&'()*+,-./:;<=>?@[\\]^_\`{|}~09azAZ`, 0, 30).map((text) => `/${text}`),
  minor: fc.constantFrom(1, 1, 1, 0),
  fields: fc.array(fc.tuple(name, value), { maxLength: 8 }),
  nominated: fc.array(fc.oneof(token, fc.constantFrom(...OPTIONS, ...PROTECTED)), { maxLength: 3 }),
  body: fc.option(characters('\r\n\0 :;09afGETx/', 0, 60), { nil: null }),
  chunkLengths: fc.option(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 6 }), { nil: null }),
  upgrade: fc.option(fc.constantFrom('websocket', 'WebSocket, x/1', 'h2c', 'H2C', 'x, h2c', ''), {
    nil: null,
    freq: 5,
  }),
  cuts: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 20 }),
  trusted: fc.boolean(),
});

/** The request's bytes, latin1. */
export function textOf(request: SentRequest): string {
  const lines = request.fields.map(([key, text]) => `${key}: ${text}\r\n`);
  if (request.upgrade !== null) lines.push(`Upgrade: ${request.upgrade}\r\nConnection: Upgrade\r\n`);
  if (request.nominated.length > 0) lines.push(`Connection: ${request.nominated.join(', ')}\r\n`);
  let { body } = request;
  if (body !== null && isChunked(request)) {
    lines.push('Transfer-Encoding: chunked\r\n');
    body = chunked(body, request.chunkLengths ?? []);
  } else if (body !== null) {
    lines.push(`Content-Length: ${body.length}\r\n`);
  }
  const line = `${request.method} ${request.target} HTTP/1.${request.minor}\r\nHost: a.example\r\n`;
  return `${line}${lines.join('')}\r\n${body ?? ''}`;
}

/** Whether the request has a body; an empty one in chunks is one. */
export function hasBody(request: SentRequest): boolean {
  return request.body !== null && (request.body !== '' || isChunked(request));
}

/** Whether the request asks for a tunnel that may pass: on HTTP/1.1 and never to h2c. */
export function asksForTunnel(request: SentRequest): boolean {
  return request.upgrade !== null && request.upgrade !== '' && request.minor === 1 && !/h2c/i.test(request.upgrade);
}

/** Whether OPTIONS ends at the proxy (RFC 9110 7.6.2). */
export function endsAtProxy(request: SentRequest): boolean {
  if (request.method !== 'OPTIONS') return false;
  const first = request.fields.find(([key]) => key.toLowerCase() === 'max-forwards');
  return first !== undefined && /^0+$/.test(first[1]);
}

/** Lower-case names that must be gone because Connection named them. */
export function nominatedNames(request: SentRequest): ReadonlySet<string> {
  const names = request.nominated.map((option) => option.toLowerCase());
  return new Set(names.filter((option) => !PROTECTED.has(option)));
}

function isChunked(request: SentRequest): boolean {
  return request.chunkLengths !== null && request.minor === 1;
}

function chunked(body: string, lengths: readonly number[]): string {
  let text = '';
  let at = 0;
  for (const length of [...lengths, body.length]) {
    const data = body.slice(at, at + length);
    if (data !== '') text += `${data.length.toString(16)};x="y"\r\n${data}\r\n`;
    at += length;
  }
  return `${text}0\r\n\r\n`;
}
