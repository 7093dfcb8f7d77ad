import { z } from 'zod';

/** Why a field refused its input; becomes part of a `ConfigProblem`. */
export interface FieldRefusal {
  /** Begins with the quoted value. */
  readonly message: string;
  readonly allowed?: string;
  readonly didYouMean?: string;
  /** Place inside the value, for lists. */
  readonly path?: readonly (string | number)[];
}

/** A field's outcome: the typed value, or every reason against it. */
export type FieldResult<T> = { readonly value: T } | { readonly refusals: readonly FieldRefusal[] };

/**
 * The schema of one key. It takes text as well as YAML's numbers and booleans, so that every layer has the same
 * rules.
 */
export type Field<T> = z.ZodType<T>;

/**
 * The part of a JSON Schema that says what may be written for a field. `x-type` is the word of the reference page for it
 * (`duration`), `x-allowed` its range in words; neither stands in the published schema.
 */
export type WrittenForm = Readonly<Record<string, unknown>>;

/** Makes the schema of a key from a parser; text is trimmed before it is parsed. */
export function field<T>(written: WrittenForm, parse: (input: unknown) => FieldResult<T>): Field<T> {
  const schema = z.unknown().transform((input, context): T => {
    const result = input === undefined ? REQUIRED : parse(typeof input === 'string' ? input.trim() : input);
    if ('value' in result) return result.value;
    for (const { message, path, ...rest } of result.refusals) {
      context.issues.push({ code: 'custom', input, message, path: [...(path ?? [])], params: rest });
    }
    return z.NEVER;
  });
  return schema.meta(written);
}

const REQUIRED: { refusals: readonly FieldRefusal[] } = { refusals: [{ message: 'is required' }] };

/** The outcome of one reason against an input. */
export function refuse(
  message: string,
  rest: Omit<FieldRefusal, 'message'> = {},
): { refusals: readonly FieldRefusal[] } {
  return { refusals: [{ message, ...rest }] };
}
