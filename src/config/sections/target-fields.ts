import { formatTarget, parseTarget } from '../../base/net/endpoint.ts';
import { quoteValue } from '../problem.ts';
import { field, refuse } from './field.ts';
import type { Field, FieldRefusal, FieldResult } from './field.ts';
import { listField } from './list-fields.ts';
import { at } from './map-field.ts';
import { textOf } from './scalar-fields.ts';

/** A backend as written: where it is, and its weight when one stands beside it. */
export interface WrittenTarget {
  /** In the one spelling of `formatTarget`. */
  readonly url: string;
  readonly weight: number | null;
}

const TARGET_FORM = 'like http://host:port/path, https://host, unix:/socket, dns+http://name:port, srv+http://name';
/** Largest weight; 0 takes a target out without deleting it. */
const MAX_WEIGHT = 65_535;

/** One backend URL. */
export function targetField(): Field<WrittenTarget> {
  return field({ type: 'string', 'x-type': 'URL' }, parseUrlItem);
}

/** Backend URLs, each alone or as a map of `url` and `weight`. */
export function targetListField(): Field<readonly WrittenTarget[]> {
  const properties = { url: { type: 'string' }, weight: { type: 'integer' } };
  return listField({ anyOf: [{ type: 'string' }, { type: 'object', properties }] }, parseTargetItem);
}

/** Weights in the order of the targets. */
export function weightListField(): Field<readonly number[]> {
  return listField({ type: 'integer' }, parseWeight);
}

function parseTargetItem(item: unknown): FieldResult<WrittenTarget> {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return parseUrlItem(item);
  const { url, weight, ...unknown } = item as Record<string, unknown>;
  const refusals: FieldRefusal[] = Object.keys(unknown).map((key) => ({
    message: 'is not a known key',
    allowed: 'url, weight',
    path: [key],
  }));
  const target = url === undefined ? refuse('has no url') : at('url', parseUrlItem(url));
  const parsedWeight = weight === undefined ? { value: null } : at('weight', parseWeight(weight));
  if ('refusals' in target) refusals.push(...target.refusals);
  if ('refusals' in parsedWeight) refusals.push(...parsedWeight.refusals);
  if (refusals.length > 0 || 'refusals' in target || 'refusals' in parsedWeight) return { refusals };
  return { value: { url: target.value.url, weight: parsedWeight.value } };
}

function parseUrlItem(item: unknown): FieldResult<WrittenTarget> {
  const parsed = parseTarget(typeof item === 'string' ? item.trim() : '');
  if ('problem' in parsed) return refuse(`${quoteValue(item)} ${parsed.problem}`, { allowed: TARGET_FORM });
  return { value: { url: formatTarget(parsed.value), weight: null } };
}

function parseWeight(item: unknown): FieldResult<number> {
  const text = textOf(item).trim();
  const weight = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (weight <= MAX_WEIGHT) return { value: weight };
  return refuse(`${quoteValue(item)} is not a weight`, { allowed: `0 to ${MAX_WEIGHT}` });
}
