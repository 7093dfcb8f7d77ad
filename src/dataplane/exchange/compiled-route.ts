import type { Filter } from './filter.ts';
import type { MatchedRoute } from './route.ts';

/** A matched route with what runs on it. */
export interface CompiledRoute extends MatchedRoute {
  /** In the order of `filters/order.ts`. */
  readonly filters: readonly Filter[];
  /** Segments above which the dot segments of a passed path must not climb, since the backend gets others there; none = any. */
  readonly pathFloor?: number;
}
