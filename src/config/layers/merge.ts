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
    let [block, blockKey] = [tree, ''];
    for (const { key, value } of this.entries.values()) {
      if (left.size > 0 && isLeft(key, left)) continue;
      const border = Math.max(key.lastIndexOf('.'), 0);
      // Keys of one block follow each other: a search from the top for every one was a tenth of all work for large files.
      if (!key.startsWith(blockKey) || border !== blockKey.length)
        [block, blockKey] = [blockAt(tree, key.slice(0, border)), key.slice(0, border)];
      block[border === 0 ? key : key.slice(border + 1)] = value;
    }
    return tree;
  }

  /** Whether a value is written inside a block or route. */
  hasInside(key: string): boolean {
    return this.firstInside(key) !== undefined;
  }

  /** Made when it is first asked for: a search through all entries for every message is quadratic in the number of routes. */
  private firstInside(key: string): LayerEntry | undefined {
    this.firstByBlock ??= firstOfEveryBlock(this.entries.values());
    return this.firstByBlock.get(key);
  }
}

function isLeft(key: string, left: ReadonlySet<string>): boolean {
  const [first, second] = key.split('.', 2);
  return left.has(first as string) || left.has(`${first}.${second}`);
}

function blockAt(tree: Record<string, unknown>, path: string): Record<string, unknown> {
  let block = tree;
  for (const name of path === '' ? [] : path.split('.'))
    block = (block[name] ??= Object.create(null)) as Record<string, unknown>;
  return block;
}

/** The first entry inside `routes`, `routes.api`, `routes.api.redirect`. */
function firstOfEveryBlock(entries: Iterable<LayerEntry>): ReadonlyMap<string, LayerEntry> {
  const first = new Map<string, LayerEntry>();
  let last = '';
  for (const entry of entries) {
    const { key } = entry;
    const border = key.lastIndexOf('.');
    if (border === last.length && key.startsWith(last)) continue;
    last = key.slice(0, Math.max(border, 0));
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
    for (const entry of byRank(layer.entries)) {
      const winner = best.get(entry.key);
      if (winner === undefined) best.set(entry.key, entry);
      else if (!isSame(winner.value, entry.value)) problems.push(conflict(winner, entry));
    }
    for (const [key, entry] of best) if (!entries.has(key)) entries.set(key, entry);
  }
  return { merged: new MergedLayers(entries), problems };
}

function byRank(entries: readonly LayerEntry[]): readonly LayerEntry[] {
  return entries.every(({ rank }) => rank === 0) ? entries : entries.toSorted((a, b) => a.rank - b.rank);
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
