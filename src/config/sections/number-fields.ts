import { quoteValue } from '../problem.ts';
import { field, refuse } from './field.ts';
import type { Field } from './field.ts';
import { textOf } from './scalar-fields.ts';

const SHARE = /^(?:0|1|0?\.\d{1,9}|[01]\.0{1,9}|0\.\d{1,9})$/;
const PERCENT = /^(\d{1,3}(?:\.\d{1,7})?)%$/;
const SHARE_FORM = '0 to 1, like 0.1, or 0% to 100%';

/** A share from 0 to 1, as fraction or as percentage. */
export function shareField(): Field<number> {
  const written = { type: ['number', 'string'], pattern: `${SHARE.source}|${PERCENT.source}` };
  return field({ ...written, minimum: 0, maximum: 1, 'x-type': 'share', 'x-allowed': SHARE_FORM }, (input) => {
    const text = textOf(input);
    const percent = PERCENT.exec(text)?.[1];
    const share = percent === undefined ? (SHARE.test(text) ? Number(text) : Number.NaN) : Number(percent) / 100;
    return share <= 1 ? { value: share } : refuse(`${quoteValue(input)} is not a share`, { allowed: SHARE_FORM });
  });
}

/** A factor with up to three decimals, `min` and `max` included. */
export function factorField(min: number, max: number): Field<number> {
  const allowed = `${min} to ${max}`;
  const written = {
    type: ['number', 'string'],
    minimum: min,
    maximum: max,
    pattern: String.raw`^\d{1,6}(\.\d{1,3})?$`,
  };
  return field({ ...written, 'x-type': 'number', 'x-allowed': allowed }, (input) => {
    const text = textOf(input);
    const value = /^\d{1,6}(?:\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max
      ? { value }
      : refuse(`${quoteValue(input)} is not a number in range`, { allowed });
  });
}
