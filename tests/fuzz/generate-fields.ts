import type { Random } from './random.ts';

const TOKEN = "!#$%&'*+-.^_`|~09azAZ";
const VALUE = ' \t!"#,;:=?@[]{}~09azAZ\x80\xa0\xff';

const PLAIN_FIELDS = [
  'User-Agent: curl/8.5.0',
  'Accept: */*',
  'Accept-Encoding: gzip, br',
  'Cookie: a=b; c="d"',
  'Authorization: Bearer x.y-z',
  'X-Forwarded-For: 10.0.0.1, 192.0.2.9',
  'X-Forwarded-Host: evil.example',
  'Forwarded: for=1.2.3.4;proto=https',
  'Via: 1.1 other',
  'TE: trailers',
  'Trailer: X-Sum',
  'Range: bytes=0-1',
  'If-None-Match: "x"',
  'Max-Forwards: 3',
  'X-Empty:',
  'X-Request-ID: abc.DEF-1',
  'Proxy-Authorization: Basic eA==',
  'Content-Type: text/plain; charset=utf-8',
  'Referer: http://a.example/',
  'Keep-Alive: timeout=5',
  'HTTP2-Settings: AAMAAABkAAQAAP__',
  'Origin: null',
  'Constructor: x',
  '__proto__: x',
] as const;

const CONNECTION_VALUES = [
  'keep-alive',
  'Keep-Alive',
  'close',
  'Close',
  'CLOSE',
  'upgrade',
  'Upgrade',
  'keep-alive, Upgrade',
  'close, keep-alive',
  'keep-alive,close',
  'close,',
  ',close',
  ', ,',
  '',
  'x-a, close',
  'closed',
  'close x',
  'keep-alivex',
  'xclose',
  '"close"',
  'close;q=1',
  'close\t',
  'close \t, x',
  'close\x0b',
  'close\xa0',
  '\xa0close',
  'constructor, __proto__',
  'Host, Authorization, X-Forwarded-For',
  'Transfer-Encoding',
  'Content-Length',
  'TE',
] as const;

const LENGTH_VALUES = [
  '0',
  '00',
  '5',
  '05',
  '+5',
  '-5',
  '0x5',
  '5,5',
  '5, 5',
  '5 5',
  '5 ',
  '5\t',
  ' 5',
  '\t5',
  '',
  '5.0',
  '5e0',
  '٥',
  '999999999999999',
  '9999999999999999',
  '18446744073709551616',
  '4294967301',
  '5\x00',
  '5\x0b',
] as const;

const ENCODING_VALUES = [
  'chunked',
  'Chunked',
  'CHUNKED',
  'chunked ',
  'chunked\t',
  '\tchunked',
  'chunked,',
  ',chunked',
  'chunked, chunked',
  'gzip, chunked',
  'chunked, gzip',
  'identity',
  'identity, chunked',
  'xchunked',
  'chunkedx',
  'chunked;q=1',
  '"chunked"',
  'chunked\x0b',
  'chunked\xa0',
  'chunked\x00',
  'chun ked',
  '',
  'gzip',
] as const;

/** Names of framing fields that some readers take for the real ones. */
const FRAMING_NAME_SUFFIXES = ['', '', '', '', '', '', ' ', '\t', '\x00', '\x0b', '\xa0', ':', ';'] as const;

const caseOf = (random: Random, name: string): string =>
  random.chance(70) ? name : random.chance(50) ? name.toLowerCase() : name.toUpperCase();

/** One field line without its end, of a kind that does not touch the framing. */
export function plainField(random: Random): string {
  if (random.chance(60)) return random.pick(PLAIN_FIELDS);
  return `X-${random.text(TOKEN, 6)}:${random.text(' \t', 2)}${random.text(VALUE, 12)}`;
}

/** A Connection line, or one that goes with it; sometimes both, as one text with the line end between them. */
export function connectionField(random: Random): string {
  const kind = random.int(12);
  if (kind === 2) return `Connection: Upgrade\r\nUpgrade: ${random.pick(['websocket', 'h2c', 'a/1, b'])}`;
  if (kind === 3) return 'TE: trailers\r\nConnection: TE';
  if (kind === 0) return `Upgrade: ${random.pick(['websocket', 'h2c', 'a/1, b', ''])}`;
  if (kind === 1) return `Proxy-Connection: ${random.pick(CONNECTION_VALUES)}`;
  return `${caseOf(random, 'Connection')}:${random.pick([' ', '', '\t'])}${random.pick(CONNECTION_VALUES)}`;
}

/** A Content-Length line: mostly `length`, sometimes what a lenient reader takes for it. */
export function lengthField(random: Random, length: number): string {
  const value = random.chance(88) ? String(length) : random.pick(LENGTH_VALUES);
  return `${framingName(random, 'Content-Length')}:${random.chance(85) ? ' ' : random.text(' \t', 2)}${value}`;
}

/** A Transfer-Encoding line: mostly `chunked`. */
export function encodingField(random: Random): string {
  const value = random.chance(85) ? 'chunked' : random.pick(ENCODING_VALUES);
  return `${framingName(random, 'Transfer-Encoding')}:${random.chance(85) ? ' ' : random.text(' \t', 2)}${value}`;
}

function framingName(random: Random, name: string): string {
  const suffix = random.chance(96) ? '' : random.pick(FRAMING_NAME_SUFFIXES);
  return caseOf(random, name) + suffix;
}
