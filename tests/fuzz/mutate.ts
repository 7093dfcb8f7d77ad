import type { Random } from './random.ts';

/** Bytes that readers of HTTP disagree about. */
const BYTES = '\0\x01\t\n\x0b\x0c\r\x1c \x7f\x80\x85\xa0\xff:;,=."\\/?#@%+-09afAFGgxX[]{}()';

const PARTS = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  '\n\n',
  '\r\n ',
  '\r\n\t',
  '\r\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Content-Length: 0\r\n',
  'Content-Length: 5\r\n',
  'Host: b\r\n',
  'Connection: close\r\n',
  'Connection: keep-alive\r\n',
  'Upgrade: x\r\n',
  ' : ',
  ' HTTP/1.1',
  '0\r\n\r\n',
  ' chunked',
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
] as const;

/** Changes a text in one to four places. */
export function mutate(random: Random, text: string): string {
  let changed = text;
  for (let left = random.pick([1, 1, 1, 2, 2, 3, 4]); left > 0; left--) changed = change(random, changed);
  return changed;
}

function change(random: Random, text: string): string {
  const at = random.int(text.length + 1);
  const behind = at + 1 + random.int(random.pick([1, 1, 4, 20]));
  const byte = random.chance(70) ? (BYTES[random.int(BYTES.length)] as string) : String.fromCharCode(random.int(256));
  switch (random.int(9)) {
    case 0:
      return text.slice(0, at) + text.slice(behind);
    case 1:
      return text.slice(0, at) + byte + text.slice(at);
    case 2:
      return text.slice(0, at) + byte + text.slice(at + 1);
    case 3:
      return text.slice(0, behind) + text.slice(at);
    case 4:
      return text.slice(0, at) + random.pick(PARTS) + text.slice(at);
    case 5:
      return changeLineEnd(random, text);
    case 6:
      return text.slice(0, at);
    case 7:
      return text.slice(0, at) + swapCase(text.slice(at, behind)) + text.slice(behind);
    default:
      return text.slice(0, at) + random.pick(PARTS) + text.slice(behind);
  }
}

function changeLineEnd(random: Random, text: string): string {
  const ends = [...text.matchAll(/\r\n/g)].map((match) => match.index);
  if (ends.length === 0) return text;
  const at = random.pick(ends);
  return (
    text.slice(0, at) +
    random.pick(['\n', '\r', '\n\r', '\r\r\n', ' \r\n', '\r \n', '', '\r\n ', '\0\r\n']) +
    text.slice(at + 2)
  );
}

function swapCase(text: string): string {
  return text.replaceAll(/[a-z]/gi, (letter) => (letter >= 'a' ? letter.toUpperCase() : letter.toLowerCase()));
}
