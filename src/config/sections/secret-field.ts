import { field, refuse } from './field.ts';
import type { Field } from './field.ts';

/** A secret in text; never quoted in a message. */
export function secretField(minLength: number): Field<string> {
  const allowed = `text of ${minLength} characters or more`;
  return field({ type: 'string', minLength, 'x-type': 'secret', 'x-allowed': allowed }, (input) => {
    const isText = typeof input === 'string' && input.length >= minLength;
    return isText ? { value: input } : refuse('is too short or no text', { allowed });
  });
}
