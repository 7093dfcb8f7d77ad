import type { HeaderMatch, RouteMatch } from '../../src/config/route-settings.ts';

/** What a test says of a route's match; the rest is what a route has that says nothing. */
export interface MatchParts {
  readonly host?: string;
  readonly path?: string;
  readonly exactPath?: string;
  readonly methods?: readonly string[];
  readonly headers?: readonly (readonly [name: string, kind: HeaderMatch['kind'], value: string])[];
  readonly priority?: number;
}

/** A whole match of its parts. */
export function routeMatch(parts: MatchParts): RouteMatch {
  const { exactPath, path = '/' } = parts;
  return {
    host: parts.host ?? '*',
    path: exactPath === undefined ? { kind: 'prefix', value: path } : { kind: 'exact', value: exactPath },
    methods: parts.methods ?? [],
    headers: (parts.headers ?? []).map(([name, kind, value]) => ({ name, kind, value })),
    priority: parts.priority ?? 0,
  };
}
