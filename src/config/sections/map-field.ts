import { quoteNoMap } from '../problem.ts';
import { field, refuse } from './field.ts';
import type { Field, FieldRefusal, FieldResult, WrittenForm } from './field.ts';

/** What {@link parseMap} takes, in words. */
const MAP_FORM = 'a map, or a JSON object in text';

/** A map: a YAML map, or a JSON object in text (SPEC A.0). */
export function parseMap(input: unknown): FieldResult<Readonly<Record<string, unknown>>> {
  const map = typeof input === 'string' ? parseJson(input) : input;
  if (typeof map === 'object' && map !== null && !Array.isArray(map)) return { value: map as Record<string, unknown> };
  if (typeof input === 'string' && input.startsWith('{'))
    return refuse('is not a valid JSON object', { allowed: MAP_FORM });
  return refuse(`${quoteNoMap(input)} is not a map`, { allowed: MAP_FORM });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** A map whose entries `parseEntry` turns into values, in the order written; every bad entry is told with its name. */
export function mapField<T>(
  written: WrittenForm,
  parseEntry: (name: string, value: unknown) => FieldResult<T>,
): Field<readonly T[]> {
  return field({ type: ['object', 'string'], 'x-type': 'map', additionalProperties: written }, (input) => {
    const map = parseMap(input);
    if ('refusals' in map) return map;
    const values: T[] = [];
    const refusals: FieldRefusal[] = [];
    for (const [name, value] of Object.entries(map.value)) {
      const result = parseEntry(name, value);
      if ('value' in result) values.push(result.value);
      else for (const refusal of result.refusals) refusals.push({ ...refusal, path: [name, ...(refusal.path ?? [])] });
    }
    return refusals.length > 0 ? { refusals } : { value: values };
  });
}

/** The keys of a map that are not in `known`, each as a refusal with the nearest known one. */
export function unknownKeys(map: Readonly<Record<string, unknown>>, known: readonly string[]): FieldRefusal[] {
  const unknown = Object.keys(map).filter((key) => !known.includes(key));
  return unknown.map((key) => ({ message: 'is not a known key', allowed: known.join(', '), path: [key] }));
}

/** A result whose refusals are about `key` of the value. */
export function at<T>(key: string, result: FieldResult<T>): FieldResult<T> {
  if ('value' in result) return result;
  return { refusals: result.refusals.map((refusal) => ({ ...refusal, path: [key, ...(refusal.path ?? [])] })) };
}
