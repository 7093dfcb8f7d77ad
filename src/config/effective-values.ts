import { formatDuration } from '../base/time/duration.ts';
import { KEYS, ROUTE_KEY_ENTRIES } from './keys.ts';
import type { KeyEntry } from './keys.ts';
import type { MergedLayers } from './layers/merge.ts';
import type { CheckedConfig } from './schema.ts';
import { shownValue } from './secrets.ts';

const ROUTE_ENTRIES: ReadonlyMap<string, KeyEntry> = new Map(ROUTE_KEY_ENTRIES.map((entry) => [entry.key, entry]));

/** The text of every key of the file, and of every written key of a route, in the order of the schema and of the names. */
export function effectiveValues(checked: CheckedConfig, merged: MergedLayers): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const entry of KEYS) {
    const written = merged.entries.get(entry.key)?.value ?? entry.default;
    values.set(entry.key, textOf(entry, written, partOf(checked, entry.key.split('.'))));
  }
  for (const [key, { value }] of merged.entries) {
    const [top, name = '', ...rest] = key.split('.');
    const entry = top === 'routes' ? ROUTE_ENTRIES.get(rest.join('.')) : undefined;
    if (entry !== undefined) values.set(key, textOf({ ...entry, key }, value, partOf(checked.routes[name], rest)));
  }
  return values;
}

function partOf(tree: unknown, path: readonly string[]): unknown {
  let part = tree;
  for (const name of path) part = (part as Record<string, unknown> | undefined)?.[name];
  return part;
}

/** Simple values in their one spelling, so that `1m` and `60s` are the same; what has parts as it was written. */
function textOf({ key, type }: KeyEntry, written: unknown, checked: unknown): string {
  if (type === 'duration' && typeof checked === 'number') return formatDuration(checked);
  const isSimple = typeof checked === 'string' || typeof checked === 'number' || typeof checked === 'boolean';
  return shownValue(key, isSimple && type !== 'file mode' ? checked : written);
}
