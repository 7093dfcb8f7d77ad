import { normalizePath } from '../../base/http/request-path.ts';
import type { RouteMatch, RouteSettings } from '../route-settings.ts';
import type { Findings } from './findings.ts';

/** Two routes that ask the same of a request are an error, since one of them would never be used (SPEC A.11, C2). */
export function checkSameMatches(routes: readonly RouteSettings[], findings: Findings): void {
  const owners = new Map<string, string>();
  for (const { name, match } of routes) {
    const key = keyOf(match);
    const owner = owners.get(key);
    if (owner === undefined) {
      owners.set(key, name);
      continue;
    }
    const origin = findings.merged.originOf(['routes', owner]).text;
    findings.add('error', ['routes', name], `${wordsOf(match)} of routes.${owner} (${origin}): ${placeOf(match)}`);
  }
}

function keyOf(match: RouteMatch): string {
  const { host, path, methods, headers, priority } = match;
  const conditions = headers.map(({ name, kind, value }) => JSON.stringify([name, kind, value])).toSorted();
  return JSON.stringify([host, path.kind, normalizePath(path.value), methods.toSorted(), conditions, priority]);
}

function wordsOf({ methods, headers, priority }: RouteMatch): string {
  const isPlain = methods.length === 0 && headers.length === 0 && priority === 0;
  return isPlain ? 'has the host and path' : 'has the host, path, methods, headers and priority';
}

function placeOf({ host, path }: RouteMatch): string {
  return `${host} ${path.kind === 'exact' ? '= ' : ''}${path.value}`;
}
