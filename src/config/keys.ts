import type { z } from 'zod';

import { aliasesOf, envNameOf } from './aliases.ts';
import { isReloadable } from './reloadability.ts';
import { CONFIG_KEYS, configSchema } from './schema.ts';
import { CHECK_KEYS, checkSchema } from './sections/dependencies.ts';
import { listenerItemSchema } from './sections/listener.ts';
import { ROUTE_KEYS, routeSchema } from './sections/routes.ts';
import { isSecretKey } from './secrets.ts';

/** Everything that is known about one key; one source for the reference page, the schema of editors and `config show`. */
export interface KeyEntry {
  /** `log.level`; keys of a route and of a listener stand without their names: `redirect.status`. */
  readonly key: string;
  /** Its variable, or null for a key of a listener. */
  readonly env: string | null;
  /** Other variables, best first. */
  readonly aliases: readonly string[];
  /** A word for the kind of value: `duration`, `size`, `boolean`, `list`. */
  readonly type: string;
  /** The range or the words that are allowed, or null. */
  readonly allowed: string | null;
  /** As it would be written; undefined = none. */
  readonly default: unknown;
  readonly description: string;
  /** It has to be written. */
  readonly isRequired: boolean;
  readonly isSecret: boolean;
  readonly isReloadable: boolean;
}

/** Every key of the file but routes, in the order of the schema. */
export const KEYS: readonly KeyEntry[] = [...CONFIG_KEYS].map((key) =>
  entryOf(key, { schema: configSchema, env: envNameOf(key), prefix: '' }),
);

/** Every key of a route. */
export const ROUTE_KEY_ENTRIES: readonly KeyEntry[] = ROUTE_KEYS.map((key) =>
  entryOf(key, { schema: routeSchema, env: envNameOf(`routes.<name>.${key}`), prefix: 'routes.x.' }),
);

/** Every key of an entry of `listeners`. */
export const LISTENER_KEY_ENTRIES: readonly KeyEntry[] = Object.keys(listenerItemSchema.shape).map((key) =>
  entryOf(key, { schema: listenerItemSchema, env: null, prefix: 'listeners' }),
);

/** Every key of a check. */
export const CHECK_KEY_ENTRIES: readonly KeyEntry[] = CHECK_KEYS.map((key) =>
  entryOf(key, { schema: checkSchema, env: envNameOf(`checks.<name>.${key}`), prefix: 'checks.x.' }),
);

interface EntrySource {
  readonly schema: z.ZodType;
  readonly env: string | null;
  /** What stands before the key for the question whether it can be reloaded. */
  readonly prefix: string;
}

function entryOf(key: string, { schema, env, prefix }: EntrySource): KeyEntry {
  const layers = layersOf(key.split('.').reduce(partOf, schema));
  const meta = Object.assign({}, ...layers.toReversed().map((layer) => layer.meta() ?? {})) as Readonly<
    Record<string, unknown>
  >;
  const withDefault = layers.find((layer) => 'defaultValue' in layer.def);
  return {
    key,
    env,
    aliases: prefix === '' ? aliasesOf(key) : [],
    type: typeof meta['x-type'] === 'string' ? meta['x-type'] : wordOf(meta),
    allowed: typeof meta['x-allowed'] === 'string' ? meta['x-allowed'] : null,
    default: (withDefault?.def as { readonly defaultValue?: unknown } | undefined)?.defaultValue,
    description: typeof meta['description'] === 'string' ? meta['description'] : '',
    isRequired: withDefault === undefined && layers.every((layer) => layer.def.type !== 'optional'),
    isSecret: isSecretKey(prefix === 'listeners' ? key : prefix + key),
    isReloadable: isReloadable(prefix === 'listeners' ? prefix : prefix + key),
  };
}

/** The word for a field that does not name its kind. */
function wordOf({ type, enum: choices }: Readonly<Record<string, unknown>>): string {
  const first: unknown = Array.isArray(type) ? type[0] : type;
  if (choices !== undefined) return 'choice';
  if (first === 'string') return 'text';
  return first === 'number' || first === 'integer' ? 'number' : first === 'object' ? 'map' : 'list';
}

function partOf(schema: z.ZodType, name: string): z.ZodType {
  const innermost = layersOf(schema).at(-1) as z.ZodObject | undefined;
  const part = innermost?.shape[name];
  if (part === undefined) throw new Error(`the schema has no ${name}`);
  return part as z.ZodType;
}

/** A schema and what it wraps: default or optional, then the field itself. */
function layersOf(schema: z.ZodType): z.ZodType[] {
  const inner = (schema.def as { readonly innerType?: z.ZodType }).innerType;
  return inner === undefined ? [schema] : [schema, ...layersOf(inner)];
}
