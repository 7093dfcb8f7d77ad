import { NamedField } from '../../base/http/named-field.ts';
import { normalizePath } from '../../base/http/request-path.ts';
import type { RequestHead } from '../../base/http1/request-head.ts';
import type { HeaderMatch, RouteMatch } from '../../config/route-settings.ts';

/** One header condition, ready to run. */
interface CompiledHeaderMatch {
  readonly settings: HeaderMatch;
  readonly field: NamedField;
  /** Whether the field's value satisfies it; null = the field is not there. */
  readonly holds: (value: string | null) => boolean;
}

/** What a route asks of a request, ready to run. */
export interface CompiledMatch {
  readonly host: string;
  readonly isExact: boolean;
  /** In normal form, without trailing slash but for `/` alone. */
  readonly path: string;
  readonly methods: ReadonlySet<string> | null;
  readonly headers: readonly CompiledHeaderMatch[];
  readonly priority: number;
}

/** A match and what it leads to. */
export interface RouteEntry<R> {
  readonly match: CompiledMatch;
  /** Orders routes that are alike in all else. */
  readonly name: string;
  readonly route: R;
}

/** Compiles what a route asks. */
export function compileMatch(settings: RouteMatch): CompiledMatch {
  return {
    host: settings.host,
    isExact: settings.path.kind === 'exact',
    path: normalizePath(settings.path.value),
    methods: settings.methods.length === 0 ? null : new Set(settings.methods),
    headers: settings.headers.map((header) => ({
      settings: header,
      field: new NamedField(header.name),
      holds: compileHeader(header),
    })),
    priority: settings.priority,
  };
}

/** Longer values match no expression: `.*a.*b.*` is harmless in a configuration, but not over a field of 64 KiB. */
const REGEX_VALUE_LENGTH = 1_024;

function compileHeader({ kind, value }: HeaderMatch): (value: string | null) => boolean {
  if (kind === 'present') return (found) => found !== null;
  if (kind === 'absent') return (found) => found === null;
  if (kind === 'exact') return (found) => found === value;
  if (kind === 'prefix') return (found) => found !== null && found.startsWith(value);
  const pattern = new RegExp(`^(?:${value})$`, 'u');
  return (found) => found !== null && found.length <= REGEX_VALUE_LENGTH && pattern.test(found);
}

/** Text that two matches have in common when they differ in their host alone. */
export function matchKey({ isExact, path, methods, headers, priority }: CompiledMatch): string {
  const conditions = headers.map(({ settings: { name, kind, value } }) => [name, kind, value]);
  return JSON.stringify([isExact, path, methods === null ? null : [...methods], conditions, priority]);
}

/** `/api` takes `/api` and `/api/x`, not `/apix`; an exact path takes itself alone. */
export function takesPath(match: CompiledMatch, path: string): boolean {
  const own = match.path;
  if (match.isExact) return path === own;
  if (own === '/') return true;
  if (!path.startsWith(own)) return false;
  return path.length === own.length || path.charCodeAt(own.length) === 0x2f;
}

/** Whether method and header conditions hold; several fields of one name count as one list. */
export function predicatesHold(match: CompiledMatch, head: RequestHead): boolean {
  if (match.methods !== null && !match.methods.has(head.method)) return false;
  for (const header of match.headers) if (!header.holds(header.field.joined(head.fields))) return false;
  return true;
}

/**
 * Order in which routes of one host are tried: higher priority, exact path, longer path, a method condition, more header
 * conditions, then the name (Gateway API, HTTPRouteRule precedence; the name makes the order total).
 */
export function comparePrecedence(a: RouteEntry<unknown>, b: RouteEntry<unknown>): number {
  const [left, right] = [a.match, b.match];
  return (
    right.priority - left.priority ||
    Number(right.isExact) - Number(left.isExact) ||
    right.path.length - left.path.length ||
    Number(right.methods !== null) - Number(left.methods !== null) ||
    right.headers.length - left.headers.length ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  );
}
