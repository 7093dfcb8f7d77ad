/**
 * Writes schema/rwwwrse.schema.json, the JSON Schema of the configuration file for editors; with `--check` it only says whether
 * the file is what it would write, and is a step of `npm run check`.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { configSchema } from '../src/config/schema.ts';
import { shorthandOf } from '../src/config/sections/block-shorthands.ts';
import { writeOrCheck } from './generated-file.ts';

const ROOT = join(import.meta.dirname, '..');
/** Draft 7 is the newest draft that every YAML extension of an editor reads. */
const TARGET = 'draft-7';
/** Keys that the command line and variables set, and no file. */
const NOT_IN_FILES: ReadonlySet<string> = new Set(['config_file']);

const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  listeners: ['name', 'address'],
  tests: ['request', 'route'],
};

type Schema = Record<string, unknown>;

/** The whole schema. */
function document(): string {
  const generated = z.toJSONSchema(configSchema, { io: 'input', target: TARGET, unrepresentable: 'any' }) as Schema;
  const { $schema, properties, ...rest } = generated;
  const keys = Object.entries(properties as Record<string, Schema>).filter(([key]) => !NOT_IN_FILES.has(key));
  const schema = {
    $schema,
    title: 'rwwwrse configuration',
    description: 'docs/configuration-reference.md has every key with its variable, its default and its meaning.',
    ...rest,
    properties: Object.fromEntries(keys.map(([key, part]) => [key, withShape(key, part)])),
  };
  return `${JSON.stringify(clean(schema), null, 2)}\n`;
}

/** What the fields do not say themselves: other forms, and keys that entries of lists must have. */
function withShape(key: string, part: Schema): Schema {
  if (key === 'routes') return mapOrList(part);
  if (key === 'checks') return { ...part, additionalProperties: orUrl(part['additionalProperties'] as Schema) };
  if (shorthandOf(key, false) !== null) return orShort(key, part);
  const required = REQUIRED[key];
  return required === undefined ? part : { ...part, items: { ...(part['items'] as Schema), required } };
}

/** A block that may be written as one value: true, false, and a path where one is taken. */
function orShort(key: string, block: Schema): Schema {
  const path = shorthandOf(key, '/') === null ? '' : '|/.*';
  return { ...block, type: ['object', 'boolean', 'string'], pattern: `^(true|false|yes|no${path})$` };
}

/** A check may be its URL alone. */
function orUrl(check: Schema): Schema {
  return { ...check, type: ['object', 'string'], pattern: '^[a-z]+://' };
}

/** A route with its blocks. */
function withShortBlocks(route: Schema): Schema {
  const properties = Object.entries(route['properties'] as Record<string, Schema>);
  const blocks = properties.map(([key, part]) => [key, shorthandOf(key, false) === null ? part : orShort(key, part)]);
  return { ...route, properties: Object.fromEntries(blocks) };
}

/** Routes are a map by name, or a list of routes with an optional name (SPEC A.4). */
function mapOrList({ description, default: fallback, ...map }: Schema): Schema {
  const route = withShortBlocks(map['additionalProperties'] as Schema);
  const name = { type: 'string', description: 'Name; route_1, route_2 and so on by default.' };
  const item = { ...route, properties: { name, ...(route['properties'] as Schema) } };
  const byName = { ...map, additionalProperties: route };
  return { description, default: fallback, anyOf: [byName, { type: 'array', items: item }] };
}

/** Without the words for the reference page. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !key.startsWith('x-') && key !== 'propertyNames');
  return Object.fromEntries(entries.map(([key, part]) => [key, clean(part)]));
}

writeOrCheck(ROOT, 'schema/rwwwrse.schema.json', { text: document(), script: 'scripts/generate-config-schema.ts' });
