import type { CompiledRoute } from '../exchange/compiled-route.ts';

/** Routes of one host, longest path prefix first. */
type PathList = readonly CompiledRoute[];

/**
 * Finds the route of a request: exact host, then the longest wildcard, then any host; within a host the longest path prefix
 * that ends on a segment border. What no route of the host takes goes to those of any host, the default backend last of all
 * (SPEC F, Host routing).
 */
export class RouteTable {
  private readonly exact: Map<string, PathList> = new Map();
  private readonly wildcard: Map<string, PathList> = new Map();
  private readonly any: PathList;

  constructor(routes: readonly CompiledRoute[]) {
    const byHost = new Map<string, CompiledRoute[]>();
    for (const route of routes) {
      const list = byHost.get(route.host) ?? [];
      list.push(route);
      byHost.set(route.host, list);
    }
    for (const [host, list] of byHost) {
      list.sort((a, b) => b.pathPrefix.length - a.pathPrefix.length);
      if (host.startsWith('*.')) this.wildcard.set(host.slice(1), list);
      else if (host !== '*') this.exact.set(host, list);
    }
    this.any = byHost.get('*') ?? [];
  }

  /** Whether a host is routed by its name or a wildcard, so that the reserved endpoints are its own (SPEC B). */
  isRouted(host: string): boolean {
    return this.listOf(host) !== null;
  }

  /** The route of a host in lower case and a target with its query, or null. */
  match(host: string, target: string): CompiledRoute | null {
    const list = this.listOf(host);
    return (list === null ? null : firstTaking(list, target)) ?? firstTaking(this.any, target);
  }

  private listOf(host: string): PathList | null {
    const exact = this.exact.get(host);
    if (exact !== undefined) return exact;
    if (this.wildcard.size === 0) return null;
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
      const list = this.wildcard.get(host.slice(dot));
      if (list !== undefined) return list;
    }
    return null;
  }
}

function firstTaking(list: PathList, target: string): CompiledRoute | null {
  for (const route of list) if (takes(route.pathPrefix, target)) return route;
  return null;
}

/** `/api` takes `/api`, `/api/x` and `/api?x`, not `/apix`; `/api/` takes what begins with it. */
function takes(prefix: string, target: string): boolean {
  if (prefix === '/') return true;
  if (!target.startsWith(prefix)) return false;
  if (prefix.endsWith('/') || target.length === prefix.length) return true;
  const next = target.charCodeAt(prefix.length);
  return next === 0x2f || next === 0x3f;
}
