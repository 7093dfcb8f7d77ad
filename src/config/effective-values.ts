import { createHash } from 'node:crypto';

import { formatDuration } from '../base/time/duration.ts';
import { CHECK_KEY_ENTRIES, KEYS, ROUTE_KEY_ENTRIES } from './keys.ts';
import type { KeyEntry } from './keys.ts';
import type { LayerEntry } from './layers/layer.ts';
import type { MergedLayers } from './layers/merge.ts';
import type { CheckedConfig } from './schema.ts';
import { isSecretStore } from './origin.ts';
import { MASK, plainText, shownValue } from './secrets.ts';

/** Entries of keys inside maps with free names, by the map's key and the key inside: `routes host`. */
const INNER_ENTRIES: ReadonlyMap<string, KeyEntry> = new Map([
  ...ROUTE_KEY_ENTRIES.map((entry) => [`routes ${entry.key}`, entry] as const),
  ...CHECK_KEY_ENTRIES.map((entry) => [`checks ${entry.key}`, entry] as const),
]);

/** What is shown of every key, and what tells a change of what is not shown. */
interface EffectiveValues {
  /** Text by key. */
  readonly values: ReadonlyMap<string, string>;
  /** Digests of the values that are masked, whole or in part, by key. */
  readonly digests: ReadonlyMap<string, string>;
}

/**
 * The text of every key of the file, and of every written key of a route or check, in the order of the schema and of the names.
 * Nothing that comes from a store of secrets is shown, whatever its key.
 */
export function effectiveValues(checked: CheckedConfig, merged: MergedLayers): EffectiveValues {
  const values = new Map<string, string>();
  const digests = new Map<string, string>();
  const add = (entry: KeyEntry, written: LayerEntry | undefined): void => {
    const { key } = entry;
    const text = textOf(entry, written?.value ?? entry.default, partOf(checked, key.split('.')));
    const isStored = written !== undefined && isSecretStore(written.origin.layer);
    values.set(key, isStored ? MASK : shownValue(key, text));
    if (values.get(key) !== plainText(text)) digests.set(key, digestOf(plainText(text)));
  };
  for (const entry of KEYS) add(entry, merged.entries.get(entry.key));
  for (const [key, written] of merged.entries) {
    const path = key.split('.');
    const entry = INNER_ENTRIES.get(`${path[0]} ${path.slice(2).join('.')}`);
    if (entry !== undefined) add({ ...entry, key }, written);
  }
  return { values, digests };
}

function partOf(tree: unknown, path: readonly string[]): unknown {
  let part = tree;
  for (const name of path) part = (part as Record<string, unknown> | undefined)?.[name];
  return part;
}

/** Simple values in their one spelling, so that `1m` and `60s` are the same; what has parts as it was written. */
function textOf({ type }: KeyEntry, written: unknown, checked: unknown): unknown {
  if (type === 'duration' && typeof checked === 'number') return formatDuration(checked);
  const isSimple = typeof checked === 'string' || typeof checked === 'number' || typeof checked === 'boolean';
  return isSimple && type !== 'file mode' ? checked : written;
}

/** Long enough that no two values meet, short enough to be kept. */
const DIGEST_CHARACTERS = 22;

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, DIGEST_CHARACTERS);
}
