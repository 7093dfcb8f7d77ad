import { isToken } from '../../base/http/bytes.ts';
import { quoteValue } from '../problem.ts';
import type { HeaderMatch } from '../route-settings.ts';
import { isSecretField } from '../secrets.ts';
import { field, refuse } from './field.ts';
import type { Field, FieldResult } from './field.ts';
import { listField } from './list-fields.ts';
import { at, mapField, unknownKeys } from './map-field.ts';
import { parseRegex } from './regex.ts';
import { parseBoolean, parseFieldValue, textOf } from './scalar-fields.ts';

const KNOWN_METHODS: ReadonlySet<string> = new Set('GET HEAD POST PUT DELETE OPTIONS TRACE PATCH'.split(' '));

/** Methods that a route takes, written in capitals as they are compared (RFC 9110 9.1). */
export function methodListField(): Field<readonly string[]> {
  return listField({ type: 'string' }, parseMethod);
}

/** One method, as {@link methodListField} takes it. */
export function methodField(): Field<string> {
  return field({ type: 'string', 'x-type': 'method' }, parseMethod);
}

function parseMethod(item: unknown): FieldResult<string> {
  const method = textOf(item).trim();
  if (!isToken(method)) return refuse(`${quoteValue(item)} is not a method`, { allowed: 'tokens such as GET' });
  const meant = method.toUpperCase();
  if (meant === 'CONNECT') return refuse(`${quoteValue(item)} is never forwarded`);
  if (method !== meant && KNOWN_METHODS.has(meant))
    return refuse(`${quoteValue(item)} is never sent, as methods are written in capitals`, { didYouMean: meant });
  return { value: method };
}

const KINDS = ['exact', 'prefix', 'regex', 'present'] as const;
const MATCH_FORM = 'the value in text, or a map of one of exact, prefix, regex, present';

/** Conditions on request fields: name → value in text, or `{exact|prefix|regex: text}`, or `{present: boolean}`. */
export function headerMatchesField(): Field<readonly HeaderMatch[]> {
  const text = { type: ['string', 'integer', 'boolean'] };
  const properties = {
    exact: text,
    prefix: text,
    regex: { type: 'string', maxLength: 256 },
    present: { type: 'boolean' },
  };
  const map = { type: 'object', properties, additionalProperties: false, minProperties: 1, maxProperties: 1 };
  return mapField({ anyOf: [text, map] }, parseHeaderMatch);
}

function parseHeaderMatch(written: string, value: unknown): FieldResult<HeaderMatch> {
  const name = written.toLowerCase();
  if (!isToken(name)) return refuse(`${quoteValue(written)} is not a header name`);
  if (name === 'host') return refuse('is matched by host, not by headers');
  if (typeof value !== 'object' || value === null) return matchText(name, 'exact', value);
  const map = value as Readonly<Record<string, unknown>>;
  const unknown = Array.isArray(value) ? [] : unknownKeys(map, KINDS);
  if (unknown.length > 0) return { refusals: unknown };
  const [kind, ...others] = KINDS.filter((key) => Object.hasOwn(map, key));
  if (kind === undefined || others.length > 0) return refuse('is not one condition', { allowed: MATCH_FORM });
  if (kind !== 'present') return at(kind, matchText(name, kind, map[kind]));
  const isPresent = parseBoolean(map[kind]);
  if (isPresent === null)
    return at(kind, refuse(`${quoteValue(map[kind])} is neither true nor false`, { allowed: 'true, false' }));
  return { value: { name, kind: isPresent ? 'present' : 'absent', value: '' } };
}

function matchText(name: string, kind: 'exact' | 'prefix' | 'regex', value: unknown): FieldResult<HeaderMatch> {
  const text = parseFieldValue(value);
  if ('refusals' in text) return text;
  if (kind === 'prefix' && text.value === '')
    return refuse('is an empty prefix', { allowed: 'text, or present: true' });
  const regex = kind === 'regex' ? withoutValue(name, parseRegex(text.value)) : null;
  return regex !== null && 'refusals' in regex ? regex : { value: { name, kind, value: text.value } };
}

/** A condition on a field that lets people in may hold what it asks for: no refusal repeats it. */
function withoutValue(name: string, result: FieldResult<string>): FieldResult<string> {
  if ('value' in result || !isSecretField(name)) return result;
  return refuse('is no regular expression that can be used', { allowed: 'JavaScript, with the flag u' });
}
