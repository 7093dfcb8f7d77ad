import type { Random } from './random.ts';

const PAYLOAD = 'abc \r\n0;:GET/\x00\xff';

const EXTENSIONS = [
  ';a',
  ';a=b',
  ';a="b c"',
  ';a="\\""',
  ';a=b;c=d',
  ';',
  ';;',
  ';=',
  ';a=',
  '; a',
  ' ;a',
  ';a b',
  ';a=b c',
  ';a="b',
  ';a="b"c',
  ';\x80',
  ';a=\xff',
  ';a="\xff"',
  ';a\x00',
  ';a\x0b',
  ';a\n',
  ';a=(b)',
  ';chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
  ' ',
  '\t',
  '\x00',
] as const;

const TRAILERS = [
  'X-Sum: 1',
  'x-sum:',
  'X-A: b\r\nX-C: d',
  'Content-Length: 5',
  'Transfer-Encoding: chunked',
  'Host: evil',
  'Trailer : x',
  ' folded',
  'X-A: b\r\n c',
  'X-A',
  ': x',
  'X-A: \x01',
  'Set-Cookie: a=b',
  'Grpc-Status: 0',
  'Connection: close',
  'Upgrade: x',
] as const;

/** Payload bytes, among them such as look like a message's parts. */
export function payload(random: Random, longest: number): string {
  if (random.chance(3)) return 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
  return random.text(PAYLOAD, longest);
}

/** A body in the chunked coding; rarely malformed in the ways that readers disagree about. */
export function chunkedBody(random: Random, longest: number): string {
  let body = '';
  for (let left = random.int(4); left > 0; left--) {
    const data = payload(random, longest) || 'x';
    body += `${sizeOf(random, data.length)}${extension(random)}${lineEnd(random)}${data}${lineEnd(random)}`;
  }
  body += `${random.chance(92) ? '0' : random.pick(['00', '000', '', '-0', '0x0'])}${extension(random)}${lineEnd(random)}`;
  if (random.chance(15)) body += `${random.pick(TRAILERS)}${lineEnd(random)}`;
  return random.chance(97) ? `${body}\r\n` : body;
}

function sizeOf(random: Random, size: number): string {
  const hex = size.toString(16);
  if (random.chance(92)) return hex;
  return random.pick([
    `0${hex}`,
    hex.toUpperCase(),
    `000000000000${hex}`,
    `00000000000000000000${hex}`,
    `0x${hex}`,
    `+${hex}`,
    `-${hex}`,
    ` ${hex}`,
    `${hex} `,
    `${hex}\t`,
    String(size),
    `${hex}g`,
    `1000000000000000${hex}`,
    `ffffffffffffffff`,
    '',
  ]);
}

function extension(random: Random): string {
  return random.chance(90) ? '' : random.pick(EXTENSIONS);
}

function lineEnd(random: Random): string {
  return random.chance(98) ? '\r\n' : random.pick(['\n', '\r', '\r\r\n', '\n\r', '', ' \r\n']);
}
