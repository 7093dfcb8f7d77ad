import type { ErrorCode } from '../errors/catalogue.ts';
import { HEX_VALUE } from './bytes.ts';

/** A request target taken apart. */
export interface RequestPath {
  /** In normal form; routes are matched with it, and it is what backends get. */
  path: string;
  /** Query with its `?`, as received; empty = none. */
  search: string;
  /** Why two programs could read the path in two ways, or null. */
  ambiguity: ErrorCode | null;
}

/** Whatever makes a path differ from its normal form, or ambiguous. */
const UNUSUAL = /[%\\]|\/[/.]/;

/**
 * Splits a target (origin-form or `*`) and reads its path in the one documented way (docs/routing.md): escapes of unreserved
 * characters are the characters, other escapes have capital digits (RFC 3986 6.2.2), and nothing else is changed. What programs
 * are known to read differently (PEERS 4, pitfalls of path confusion) is named in `ambiguity`; `pathReadings` tells their readings.
 */
export function splitTarget(target: string): RequestPath {
  const query = target.indexOf('?');
  const path = query < 0 ? target : target.slice(0, query);
  const search = query < 0 ? '' : target.slice(query);
  if (!UNUSUAL.test(path)) return { path, search, ambiguity: null };
  return { search, ...readUnusual(path) };
}

/** The normal form of a path from the configuration. */
export function normalizePath(path: string): string {
  return decodeUnreserved(path) ?? path;
}

function readUnusual(raw: string): Omit<RequestPath, 'search'> {
  const path = decodeUnreserved(raw);
  return path === null ? { path: raw, ambiguity: 'request_target_invalid' } : { path, ambiguity: ambiguityOf(path) };
}

const ESCAPE_LENGTH = 3;
const UNRESERVED = /[A-Za-z0-9\-._~]/;

/** Null when a `%` is not followed by two hexadecimal digits. */
function decodeUnreserved(raw: string): string | null {
  let at = raw.indexOf('%');
  if (at < 0) return raw;
  let out = '';
  let copied = 0;
  for (; at >= 0; at = raw.indexOf('%', at + ESCAPE_LENGTH)) {
    const high = HEX_VALUE[raw.charCodeAt(at + 1)] ?? 255;
    const low = HEX_VALUE[raw.charCodeAt(at + 2)] ?? 255;
    if (high > 15 || low > 15) return null;
    const char = String.fromCharCode(high * 16 + low);
    out += raw.slice(copied, at) + (UNRESERVED.test(char) ? char : raw.slice(at, at + ESCAPE_LENGTH).toUpperCase());
    copied = at + ESCAPE_LENGTH;
  }
  return out + raw.slice(copied);
}

/** A segment that is `.` or `..`, path parameters aside: Tomcat and its kin take `..;x` for `..`. */
const DOT_SEGMENT = /\/\.\.?(?:(?:;|%3B)[^/]*)?(?=\/|$)/;

/** Encodings that UTF-8 forbids and lenient decoders take: `%C0%AE` for a dot, `%C0%AF` for a slash (RFC 3629 3). */
const OVERLONG = /%(?:C[01]%[89AB][0-9A-F]|E0%[89][0-9A-F]|F0%8[0-9A-F]|F[8-9A-F]%[89AB][0-9A-F])/;

function ambiguityOf(path: string): ErrorCode | null {
  if (OVERLONG.test(path)) return 'path_overlong_encoding';
  if (/%(?:[01][0-9A-F]|7F)/.test(path)) return 'path_encoded_control';
  if (path.includes('\\') || path.includes('%5C')) return 'path_backslash';
  if (path.includes('//') || /(?:\/|%2F)(?:\/|%2F)/.test(path)) return 'path_double_slash';
  if (path.includes('%2F')) return 'path_encoded_slash';
  return DOT_SEGMENT.test(path) ? 'path_dot_segment' : null;
}
