import type { Origin } from '../origin.ts';
import type { ConfigProblem } from '../problem.ts';

/** One value that a layer has for a key, not yet checked. */
export interface LayerEntry {
  /** Canonical key: `log.level`, `listeners`, `routes.api.target`. */
  readonly key: string;
  readonly value: unknown;
  readonly origin: Origin;
  /** 0 = written under its own name; higher = under an alias, the better alias having the lower rank. */
  readonly rank: number;
  /** The spelling that was used, for a message about two spellings. */
  readonly spelling: string;
  /** Where a part of a list or map was written; null when the layer cannot say. */
  readonly originAt?: (path: readonly PropertyKey[]) => Origin | null;
}

/** What one source (flags, the environment, a file) says. */
export interface Layer {
  readonly entries: readonly LayerEntry[];
  readonly problems: readonly ConfigProblem[];
}

/** Adds what was found in a part. Not as arguments of one call: the stack is too small for a hundred thousand. */
export function addFound(
  layer: { readonly entries: LayerEntry[]; readonly problems: ConfigProblem[] },
  found: Layer,
): void {
  for (const entry of found.entries) layer.entries.push(entry);
  for (const problem of found.problems) layer.problems.push(problem);
}
