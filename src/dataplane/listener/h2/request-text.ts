import type { ErrorCode } from '../../../base/errors/catalogue.ts';
import type { RequestHead } from '../../../base/http1/request-head.ts';
import type { RequestHeadParser } from '../../../base/http1/request-head-parser.ts';

/** Pseudo-header fields of a request (RFC 9113 8.3.1). */
interface PseudoFields {
  method: string;
  path: string;
  authority: string;
}

/** Bytes that a field of a version with line ends could use to smuggle a line (RFC 9113 8.2.1). */
const FORBIDDEN = /[\0\r\n]|[^\0-\xff]/;

/**
 * Gives an HTTP/2 request the same head object, by the same parser and rules, as an HTTP/1.1 request: its fields are written
 * as a head and parsed. Nothing that HTTP/1.1 refuses gets in by another version, and nothing goes out twice interpreted.
 *
 * @param raw flat list of names and values as received
 * @param hasBody the stream did not end with its head
 * @returns null when accepted, else why not
 */
export function parseH2Request(
  raw: readonly string[],
  hasBody: boolean,
  parser: RequestHeadParser,
  head: RequestHead,
): ErrorCode | null {
  const pseudo: PseudoFields = { method: '', path: '', authority: '' };
  const text = headText(raw, hasBody, pseudo);
  if (text === null) return 'header_value_invalid';
  const bytes = Buffer.from(`${text}\0`, 'latin1');
  const stop = parser.parse(bytes, 0, bytes.length - 1, head);
  if (stop === bytes.length - 1) return null;
  return stop < 0 ? parser.failure.code : 'header_value_invalid';
}

function headText(raw: readonly string[], hasBody: boolean, pseudo: PseudoFields): string | null {
  let lines = '';
  let host = '';
  let cookies = '';
  let framed = false;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    if (FORBIDDEN.test(name) || FORBIDDEN.test(value)) return null;
    if (name === ':method') pseudo.method = value;
    else if (name === ':path') pseudo.path = value;
    else if (name === ':authority') pseudo.authority = value;
    else if (name === 'host') host = value;
    else if (name === 'cookie') cookies += cookies === '' ? value : `; ${value}`;
    else if (name === 'transfer-encoding' || name === 'connection') return null;
    else if (!name.startsWith(':')) {
      framed ||= name === 'content-length';
      lines += `${name}: ${value}\r\n`;
    }
  }
  const authority = pseudo.authority === '' ? host : pseudo.authority;
  if (host !== '' && host.toLowerCase() !== authority.toLowerCase()) return null;
  if (cookies !== '') lines += `cookie: ${cookies}\r\n`;
  if (hasBody && !framed) lines += 'transfer-encoding: chunked\r\n';
  return `${pseudo.method} ${pseudo.path} HTTP/1.1\r\nhost: ${authority}\r\n${lines}\r\n`;
}
