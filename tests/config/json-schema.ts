/** The part of JSON Schema draft 7 that the schema of the configuration file uses. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** Keywords that say nothing about what is valid. */
const SILENT = new Set(['$schema', 'title', 'description', 'default', 'deprecated']);
const KNOWN = new Set(
  (
    'type enum const pattern minimum maximum minItems minLength maxLength minProperties maxProperties required properties ' +
    'additionalProperties items anyOf'
  ).split(' '),
);

/** Where and why a value is not valid; empty = it is. A keyword that is not known here throws. */
export function violations(schema: JsonSchema, value: unknown, path = ''): string[] {
  const unknown = Object.keys(schema).find((keyword) => !KNOWN.has(keyword) && !SILENT.has(keyword));
  if (unknown !== undefined) throw new Error(`${path}: the keyword ${unknown} is not known to this test`);
  if (value === null) return [];
  if (schema.anyOf !== undefined) {
    const all = schema.anyOf.map((option) => violations(option, value, path));
    if (all.every((found) => found.length > 0)) return all.flat();
  }
  if (schema.const !== undefined && schema.const !== value) return [`${path}: const`];
  if (schema.enum !== undefined && !schema.enum.includes(value)) return [`${path}: enum ${JSON.stringify(value)}`];
  const type = typeOf(value);
  const types: readonly string[] = [schema.type ?? type].flat();
  if (!types.includes(type) && !(type === 'integer' && types.includes('number'))) return [`${path}: type ${type}`];
  return [...limits(schema, value, path), ...parts(schema, value, path)];
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

function limits(schema: JsonSchema, value: unknown, path: string): string[] {
  const size = typeof value === 'string' || Array.isArray(value) ? value.length : Object.keys(value ?? {}).length;
  const checks: readonly (readonly [string, boolean])[] = [
    [
      'pattern',
      typeof value === 'string' && schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value),
    ],
    ['minimum', typeof value === 'number' && value < (schema.minimum ?? -Infinity)],
    ['maximum', typeof value === 'number' && value > (schema.maximum ?? Infinity)],
    ['minLength', typeof value === 'string' && size < (schema.minLength ?? 0)],
    ['maxLength', typeof value === 'string' && size > (schema.maxLength ?? Infinity)],
    ['minItems', Array.isArray(value) && size < (schema.minItems ?? 0)],
    ['minProperties', isMap(value) && size < (schema.minProperties ?? 0)],
    ['maxProperties', isMap(value) && size > (schema.maxProperties ?? Infinity)],
  ];
  return checks.filter(([, fails]) => fails).map(([keyword]) => `${path}: ${keyword}`);
}

function parts(schema: JsonSchema, value: unknown, path: string): string[] {
  if (Array.isArray(value))
    return value.flatMap((item, index) => violations(schema.items ?? {}, item, `${path}[${index}]`));
  if (!isMap(value)) return [];
  const missing = (schema.required ?? [])
    .filter((key) => !Object.hasOwn(value, key))
    .map((key) => `${path}: no ${key}`);
  const found = Object.entries(value).flatMap(([key, part]) => {
    const own = schema.properties?.[key] ?? schema.additionalProperties ?? true;
    if (own === false) return [`${path}.${key}: unknown`];
    return own === true ? [] : violations(own, part, `${path}.${key}`);
  });
  return [...missing, ...found];
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
