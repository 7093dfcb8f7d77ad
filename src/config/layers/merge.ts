import { DEFAULT_ORIGIN } from '../origin.ts';
import type { Origin } from '../origin.ts';
import type { ConfigProblem } from '../problem.ts';
import type { Layer, LayerEntry } from './layer.ts';

/** All layers as one: for every key the entry that counts. */
export class MergedLayers {
  readonly entries: ReadonlyMap<string, LayerEntry>;
  private firstByBlock: ReadonlyMap<string, LayerEntry> | null = null;

  constructor(entries: ReadonlyMap<string, LayerEntry>) {
    this.entries = entries;
  }

  /**
   * Where a path was written: the part of a value if its layer knows it, else the value, else the first value inside
   * a block or route, else the defaults.
   */
  originOf(path: readonly PropertyKey[]): Origin {
    for (let length = path.length; length > 0; length--) {
      const entry = this.entries.get(path.slice(0, length).join('.'));
      if (entry !== undefined) return entry.originAt?.(path.slice(length)) ?? entry.origin;
    }
    return this.firstInside(path.join('.'))?.origin ?? DEFAULT_ORIGIN;
  }

  /** The values as the nested map that the schema checks, without the keys in `left`, which have one part or two. */
  toTree(left: ReadonlySet<string>): Record<string, unknown> {
    const tree: Record<string, unknown> = Object.create(null);
    for (const { key, value } of this.entries.values()) {
      const path = key.split('.');
      if (left.size > 0 && (left.has(path[0] as string) || left.has(`${path[0]}.${path[1]}`))) continue;
      const last = path.pop() as string;
      let block = tree;
      for (const name of path) block = (block[name] ??= Object.create(null)) as Record<string, unknown>;
      block[last] = value;
    }
    return tree;
  }

  /** Made when it is first asked for: a search through all entries for every message is quadratic in the number of routes. */
  private firstInside(key: string): LayerEntry | undefined {
    this.firstByBlock ??= firstOfEveryBlock(this.entries.values());
    return this.firstByBlock.get(key);
  }
}

/** The first entry inside `routes`, `routes.api`, `routes.api.redirect`. */
function firstOfEveryBlock(entries: Iterable<LayerEntry>): ReadonlyMap<string, LayerEntry> {
  const first = new Map<string, LayerEntry>();
  for (const entry of entries) {
    const { key } = entry;
    for (let dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', dot + 1)) {
      const block = key.slice(0, dot);
      if (!first.has(block)) first.set(block, entry);
    }
  }
  return first;
}

/**
 * Merges layers, the first having the highest precedence. A layer counts before the spelling: an alias in the
 * environment beats the own name in a file. Inside one layer the own name beats aliases, and two different values are
 * warned about once (SPEC A.0).
 */
export function mergeLayers(layers: readonly Layer[]): { merged: MergedLayers; problems: ConfigProblem[] } {
  const entries = new Map<string, LayerEntry>();
  const problems = layers.flatMap((layer) => layer.problems);
  for (const layer of layers) {
    const best = new Map<string, LayerEntry>();
    for (const entry of layer.entries.toSorted((a, b) => a.rank - b.rank)) {
      const winner = best.get(entry.key);
      if (winner === undefined) best.set(entry.key, entry);
      else if (!isSame(winner.value, entry.value)) problems.push(conflict(winner, entry));
    }
    for (const [key, entry] of best) if (!entries.has(key)) entries.set(key, entry);
  }
  return { merged: new MergedLayers(entries), problems };
}

/** Names both spellings and neither value, since either may be a secret. */
function conflict(winner: LayerEntry, loser: LayerEntry): ConfigProblem {
  const message = `${winner.spelling} and ${loser.spelling} are both set and differ; ${winner.spelling} counts`;
  return { severity: 'warning', key: winner.key, origin: winner.origin.text, message };
}

function isSame(first: unknown, second: unknown): boolean {
  return JSON.stringify(textIfScalar(first)) === JSON.stringify(textIfScalar(second));
}

function textIfScalar(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}
