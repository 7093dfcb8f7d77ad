import type { Filter } from './filter.ts';
import type { MatchedRoute } from './route.ts';

/** A matched route with what runs on it. */
export interface CompiledRoute extends MatchedRoute {
  /** In the order of `filters/order.ts`. */
  readonly filters: readonly Filter[];
}
