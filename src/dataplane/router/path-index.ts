import type { RequestHead } from '../../base/http1/request-head.ts';
import { type CompiledMatch, predicatesHold, takesPath } from './route-match.ts';

/** Up to so many routes are tried one by one: more cost less through maps (measured, benchmarks/micro/dataplane/router). */
const LINEAR_ROUTES = 2;
const SLASH = 0x2f;
/** No route takes the request. */
export const NO_ROUTE = -1;

/** Finds which of a host's matches takes a request, by its place in their order of precedence. */
export interface PathIndex {
  /** {@link NO_ROUTE} when none does. */
  find(path: string, head: RequestHead): number;
}

/** Makes the index that suits the matches, which are in order of precedence; `first` is the place of the first one. */
export function createPathIndex(matches: readonly CompiledMatch[], first = 0): PathIndex {
  const levels = Map.groupBy(matches, ({ priority }) => priority);
  if (levels.size > 1) return new PriorityLevels([...levels.values()]);
  return matches.length <= LINEAR_ROUTES ? new LinearPaths(matches, first) : new MappedPaths(matches, first);
}

/** Tries the matches of several priorities, the highest first. */
class PriorityLevels implements PathIndex {
  private readonly levels: readonly PathIndex[];

  constructor(levels: readonly (readonly CompiledMatch[])[]) {
    let first = 0;
    this.levels = levels.map((matches) => {
      const index = createPathIndex(matches, first);
      first += matches.length;
      return index;
    });
  }

  find(path: string, head: RequestHead): number {
    for (const level of this.levels) {
      const found = level.find(path, head);
      if (found !== NO_ROUTE) return found;
    }
    return NO_ROUTE;
  }
}

/** Tries one match after the other. */
class LinearPaths implements PathIndex {
  private readonly matches: readonly CompiledMatch[];
  private readonly first: number;

  constructor(matches: readonly CompiledMatch[], first: number) {
    this.matches = matches;
    this.first = first;
  }

  find(path: string, head: RequestHead): number {
    const { matches } = this;
    for (let i = 0; i < matches.length; i++) {
      const match = matches[i] as CompiledMatch;
      if (takesPath(match, path) && predicatesHold(match, head)) return this.first + i;
    }
    return NO_ROUTE;
  }
}

/** A match with its place in the order of precedence. */
interface PlacedMatch {
  readonly match: CompiledMatch;
  readonly place: number;
}

/** Looks up the path, then what is left when segments are taken off its end: as many look-ups as the longest route has segments. */
class MappedPaths implements PathIndex {
  private readonly exact: Map<string, PlacedMatch[]> = new Map();
  private readonly prefixes: Map<string, PlacedMatch[]> = new Map();
  private readonly longest: number;

  constructor(matches: readonly CompiledMatch[], first: number) {
    let longest = 0;
    matches.forEach((match, i) => {
      const map = match.isExact ? this.exact : this.prefixes;
      const list = map.get(match.path) ?? [];
      list.push({ match, place: first + i });
      map.set(match.path, list);
      if (!match.isExact) longest = Math.max(longest, match.path.length);
    });
    this.longest = longest;
  }

  find(path: string, head: RequestHead): number {
    if (this.exact.size > 0) {
      const found = firstHolding(this.exact.get(path), head);
      if (found !== NO_ROUTE) return found;
    }
    let cut = path.length;
    if (cut > this.longest) {
      // A target of thousands of slashes must not cost thousands of look-ups: no route is longer than this.
      cut = path.charCodeAt(this.longest) === SLASH ? this.longest : path.lastIndexOf('/', this.longest - 1);
    }
    for (; cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
      const found = firstHolding(this.prefixes.get(path.slice(0, cut)), head);
      if (found !== NO_ROUTE) return found;
    }
    return firstHolding(this.prefixes.get('/'), head);
  }
}

function firstHolding(list: readonly PlacedMatch[] | undefined, head: RequestHead): number {
  if (list === undefined) return NO_ROUTE;
  for (const { match, place } of list) if (predicatesHold(match, head)) return place;
  return NO_ROUTE;
}
