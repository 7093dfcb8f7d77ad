import type { RequestHead } from '../../base/http1/request-head.ts';
import { MASK, SecretNames } from '../../telemetry/logs/secret-names.ts';
import { comparePrecedence, type CompiledMatch, type RouteEntry, takesPath } from './route-match.ts';

/** A route that was looked at for a request, and what became of it. */
export interface ConsideredRoute<R> {
  readonly entry: RouteEntry<R>;
  readonly isTaken: boolean;
  /** Why it was taken or not, in words. */
  readonly reason: string;
}

/** What routes are chosen by. */
export interface RoutedRequest {
  /** Lower case, without port. */
  readonly host: string;
  /** In normal form. */
  readonly path: string;
  readonly head: RequestHead;
}

/**
 * Says of every route why it takes a request or not: first those that could, in their order, then those that could not. The
 * choice itself is made by {@link RouteTable}; `taken` is its answer.
 */
export function explainRoutes<R>(
  entries: readonly RouteEntry<R>[],
  request: RoutedRequest,
  taken: R | null,
): ConsideredRoute<R>[] {
  const winner = entries.find(({ route }) => route === taken) ?? null;
  const considered = entries.map((entry) => {
    const failure = mismatch(entry.match, request);
    const isTaken = entry === winner;
    const reason = isTaken ? 'takes the request' : (failure ?? precedenceReason(entry, winner));
    return { entry, isTaken, reason, fits: failure === null };
  });
  return considered
    .toSorted(
      (a, b) => Number(b.isTaken) - Number(a.isTaken) || Number(b.fits) - Number(a.fits) || compare(a.entry, b.entry),
    )
    .map(({ entry, isTaken, reason }) => ({ entry, isTaken, reason }));
}

/** What a route asks, in one line: `api.example.com /v1 GET,POST X-Env=staging`. */
export function matchText(match: CompiledMatch): string {
  const parts = [`${match.host} ${match.isExact ? '= ' : ''}${match.path}`];
  if (match.methods !== null) parts.push([...match.methods].join(','));
  for (const { settings } of match.headers) parts.push(conditionText(settings.name, settings.kind, settings.value));
  return parts.join(' ');
}

function conditionText(name: string, kind: string, value: string): string {
  if (kind === 'present' || kind === 'absent') return `${name} ${kind}`;
  return `${name} ${kind === 'exact' ? '=' : kind} ${shownFieldValue(name, value)}`;
}

const SECRETS: SecretNames = new SecretNames([]);

/** A value that may let people in is not shown: explanations land in terminals, and those of failed tests in logs. */
function shownFieldValue(name: string, value: string): string {
  return SECRETS.has(name) ? MASK : JSON.stringify(value);
}

/** The first condition that does not hold, in words; null when all do. */
function mismatch(match: CompiledMatch, { host, path, head }: RoutedRequest): string | null {
  if (!takesHost(match.host, host)) return `the host ${host === '' ? '(none)' : host} is not ${match.host}`;
  if (!takesPath(match, path)) return `the path ${path} ${match.isExact ? 'is not' : 'is not in'} ${match.path}`;
  if (match.methods !== null && !match.methods.has(head.method))
    return `the method ${head.method} is none of ${[...match.methods].join(', ')}`;
  for (const { settings, field, holds } of match.headers) {
    const value = field.joined(head.fields);
    if (holds(value)) continue;
    const found = value === null ? 'is not there' : `is ${shownFieldValue(settings.name, value)}`;
    return `the field ${settings.name} ${found}; asked for: ${conditionText(settings.name, settings.kind, settings.value)}`;
  }
  return null;
}

function takesHost(pattern: string, host: string): boolean {
  if (pattern === '*') return true;
  return pattern.startsWith('*.')
    ? host.length > pattern.length - 1 && host.endsWith(pattern.slice(1))
    : pattern === host;
}

/** Higher = more specific. */
function hostRank(pattern: string): number {
  if (pattern === '*') return 0;
  return pattern.startsWith('*.') ? pattern.length : Number.MAX_SAFE_INTEGER;
}

function compare(a: RouteEntry<unknown>, b: RouteEntry<unknown>): number {
  return hostRank(b.match.host) - hostRank(a.match.host) || comparePrecedence(a, b);
}

/** Why a route that fits lost to the one that was taken. */
function precedenceReason(loser: RouteEntry<unknown>, winner: RouteEntry<unknown> | null): string {
  if (winner === null) return 'fits';
  const [own, other] = [loser.match, winner.match];
  const by = `fits, but ${winner.name} goes first: `;
  if (hostRank(own.host) !== hostRank(other.host))
    return `${by}its host ${other.host} is more specific than ${own.host}`;
  if (own.priority !== other.priority) return `${by}its priority ${other.priority} is higher than ${own.priority}`;
  if (own.isExact !== other.isExact) return `${by}its path is exact`;
  if (own.path.length !== other.path.length) return `${by}its path ${other.path} is longer than ${own.path}`;
  if ((own.methods === null) !== (other.methods === null)) return `${by}it asks for a method`;
  if (own.headers.length !== other.headers.length) return `${by}it asks for more header fields`;
  return `${by}its name comes first`;
}
