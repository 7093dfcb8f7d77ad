import type { RequestHead } from '../../base/http1/request-head.ts';
import { createPathIndex, NO_ROUTE, type PathIndex } from './path-index.ts';
import { comparePrecedence, matchKey, type RouteEntry } from './route-match.ts';

/**
 * Finds the route of a request (SPEC F, Host routing): the routes of its exact host, then those of the longest wildcard, then of
 * shorter ones, then those of any host; within a host by {@link comparePrecedence}. A host none of whose routes takes the
 * request passes it on to the next.
 */
export class RouteTable<R> {
  /** Where the routes of a host begin. */
  private readonly exact: Map<string, number> = new Map();
  /** By the part after `*`: `.example.com`. */
  private readonly wildcard: Map<string, number> = new Map();
  private any = NO_HOST;
  private readonly hosts: HostRoutes<R>;

  constructor(entries: readonly RouteEntry<R>[]) {
    this.hosts = new HostRoutes<R>();
    for (const [host, list] of byHost(entries)) this.addHost(host, list);
  }

  /** The same, made in steps: yields between hosts. */
  static *build<R>(entries: readonly RouteEntry<R>[]): Generator<void, RouteTable<R>> {
    const table = new RouteTable<R>([]);
    for (const [host, list] of byHost(entries)) {
      table.addHost(host, list);
      yield;
    }
    return table;
  }

  /** Whether a host is routed by its name or a wildcard, so that the reserved endpoints are its own (SPEC B). */
  isRouted(host: string): boolean {
    if (this.exact.has(host)) return true;
    return this.wildcard.size > 0 && wildcardsOf(host).some((suffix) => this.wildcard.has(suffix));
  }

  /** The route of a request, or null. `host` in lower case, `path` in normal form without query. */
  match(host: string, path: string, head: RequestHead): R | null {
    const own = this.exact.get(host);
    if (own !== undefined) {
      const found = this.hosts.find(own, path, head);
      if (found !== null) return found;
    }
    if (this.wildcard.size > 0) {
      for (const suffix of wildcardsOf(host)) {
        const wide = this.wildcard.get(suffix);
        const found = wide === undefined ? null : this.hosts.find(wide, path, head);
        if (found !== null) return found;
      }
    }
    return this.any === NO_HOST ? null : this.hosts.find(this.any, path, head);
  }

  private addHost(host: string, entries: readonly RouteEntry<R>[]): void {
    const start = this.hosts.add(entries);
    if (host.startsWith('*.')) this.wildcard.set(host.slice(1), start);
    else if (host === '*') this.any = start;
    else this.exact.set(host, start);
  }
}

function byHost<R>(entries: readonly RouteEntry<R>[]): Map<string, RouteEntry<R>[]> {
  return Map.groupBy(entries, ({ match }) => match.host);
}

const NO_HOST = -1;

/**
 * Routes of all hosts in one flat list, each host's behind the index of its paths. Hosts that ask for the same paths under the same
 * conditions share one index. Both for the cache: among 10,000 such hosts a look-up touches the host's name and one or two lines of the
 * list, instead of maps of its own (measured: 2.8 times the cost of a single host with maps, docs/benchmarks.md), and the table
 * takes a tenth of the memory.
 */
class HostRoutes<R> {
  private readonly places: (PathIndex | R)[] = [];
  private readonly known: Map<string, PathIndex> = new Map();

  /** Takes in the routes of one host; returns where they begin. */
  add(entries: readonly RouteEntry<R>[]): number {
    const sorted = entries.toSorted(comparePrecedence);
    const matches = sorted.map(({ match }) => match);
    const key = matches.map(matchKey).join();
    const index = this.known.get(key) ?? createPathIndex(matches);
    this.known.set(key, index);
    const start = this.places.push(index) - 1;
    for (const { route } of sorted) this.places.push(route);
    return start;
  }

  find(start: number, path: string, head: RequestHead): R | null {
    const place = (this.places[start] as PathIndex).find(path, head);
    return place === NO_ROUTE ? null : (this.places[start + 1 + place] as R);
  }
}

/** `a.b.example` → `.b.example`, `.example`. */
function wildcardsOf(host: string): string[] {
  const suffixes: string[] = [];
  for (let dot = host.indexOf('.', 1); dot >= 0; dot = host.indexOf('.', dot + 1)) suffixes.push(host.slice(dot));
  return suffixes;
}
