import type { StatusRange } from '../resilience-settings.ts';
import { quoteValue } from '../problem.ts';
import { refuse } from './field.ts';
import type { Field, FieldResult } from './field.ts';
import { numberListField } from './list-fields.ts';
import { textOf } from './scalar-fields.ts';

const STATUS_FORM = 'like 200, 200-299 or 2xx, from 200 to 599';

/** Final statuses (RFC 9110 15), each alone, as a range or as a class. */
export function statusListField(): Field<readonly StatusRange[]> {
  return numberListField({ type: ['integer', 'string'] }, parseStatuses);
}

function parseStatuses(item: unknown): FieldResult<StatusRange> {
  const text = textOf(item).trim().toLowerCase();
  const [, first = '', last = ''] = /^([2-5]\d\d)(?:\s*-\s*([2-5]\d\d))?$/.exec(text) ?? [];
  const digit = /^([2-5])xx$/.exec(text)?.[1];
  const range =
    digit === undefined
      ? { from: Number(first), to: Number(last === '' ? first : last) }
      : { from: Number(digit) * 100, to: Number(digit) * 100 + 99 };
  const isSound = range.from >= 200 && range.from <= range.to;
  return isSound ? { value: range } : refuse(`${quoteValue(item)} is not a status`, { allowed: STATUS_FORM });
}
