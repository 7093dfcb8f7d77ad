/** What a request would meet: the answer of `rwwwrse explain`. Plain data. */
export interface Explanation {
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly host: string;
    /** In normal form: what routes are matched with. */
    readonly path: string;
    /** Code of the reason why the path can be read in two ways, or null. */
    readonly ambiguity: string | null;
  };
  /** Name of the route that takes it, or null. */
  readonly route: string | null;
  /** Answer that the proxy gives itself: a refusal, or one of its own endpoints. */
  readonly refused: { readonly code: string; readonly status: number; readonly text: string } | null;
  /** Every route: first those that fit, in their order, then the others. */
  readonly considered: readonly ConsideredRouteText[];
  /** Names in the order in which they run, those before routing first. */
  readonly filters: readonly string[];
  readonly redirect: { readonly status: number; readonly location: string } | null;
  /** What would go to the backend. */
  readonly upstream: { readonly requestLine: string; readonly headers: readonly (readonly [string, string])[] } | null;
  readonly backends: readonly { readonly name: string; readonly weight: number; readonly chosen: boolean }[];
  /** How the backend is chosen, in words. */
  readonly balancing: string;
}

/** One route that was looked at. */
export interface ConsideredRouteText {
  readonly route: string;
  readonly host: string;
  /** What the route asks for, in one line. */
  readonly match: string;
  readonly verdict: 'taken' | 'lost';
  readonly reason: string;
}
