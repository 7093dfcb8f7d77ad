import type { z } from 'zod';

/** Fields of a block, by key. */
type Fields = Readonly<Record<string, z.ZodType>>;

/** The fields of a block as a route has them: each may be missing, and is taken from the block of the whole file then. */
export function inheritedShape<T extends Fields>(block: string, fields: T): { [K in keyof T]: z.ZodOptional<T[K]> } {
  const entries = Object.entries(fields).map(([key, field]) => {
    return [key, field.optional().meta({ description: `Default: ${block}.${key}.` })];
  });
  return Object.fromEntries(entries) as { [K in keyof T]: z.ZodOptional<T[K]> };
}
