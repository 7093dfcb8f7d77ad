import { isToken } from '../../base/http/bytes.ts';
import { quoteValue } from '../problem.ts';
import { refuse } from './field.ts';
import type { Field, FieldResult } from './field.ts';
import { listField } from './list-fields.ts';
import { mapField } from './map-field.ts';
import { parseFieldValue, textOf } from './scalar-fields.ts';

/** A field's name as written, and its value. */
type HeaderPair = readonly [name: string, value: string];

const HOP_BY_HOP: ReadonlySet<string> = new Set(
  'connection http2-settings keep-alive proxy-connection te trailer transfer-encoding upgrade'.split(' '),
);

/** Fields that the proxy writes on every request or answer: a second line of one would stand beside its own. */
const OWN: ReadonlySet<string> = new Set(
  (
    'date forwarded server via x-forwarded-by x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-proto x-real-ip ' +
    'x-request-id'
  ).split(' '),
);

/** Changes of a head's fields: the blocks `request_headers` and `response_headers` of a route. */
export const headerChangesShape = {
  set: headerPairsField()
    .optional()
    .meta({ description: 'Fields with their values, in place of those that are there.' }),
  add: headerPairsField().optional().meta({ description: 'Fields with their values, beside those that are there.' }),
  remove: listField({ type: 'string' }, parseName).optional().meta({ description: 'Fields that are taken out first.' }),
};

/**
 * Fields that the proxy sends, with their values.
 *
 * @param words why names are refused here that have another reason in the changes of a head
 */
export function headerPairsField(words: Readonly<Record<string, string>> = {}): Field<readonly HeaderPair[]> {
  return mapField({ type: ['string', 'integer', 'boolean'] }, (written, value): FieldResult<HeaderPair> => {
    const key = written.toLowerCase();
    if (Object.hasOwn(words, key)) return refuse(`${quoteValue(written)} ${words[key]}`);
    const name = parseName(written);
    if ('refusals' in name) return name;
    const text = parseFieldValue(value);
    return 'refusals' in text ? text : { value: [name.value, text.value] };
  });
}

function parseName(item: unknown): FieldResult<string> {
  const name = textOf(item).trim();
  if (!isToken(name))
    return refuse(`${quoteName(item)} is not a header name`, { allowed: 'letters, digits and hyphens' });
  const reason = reasonAgainst(name.toLowerCase());
  return reason === null ? { value: name } : refuse(`${quoteValue(item)} ${reason}`);
}

/** What may be a value behind the name is left out. */
function quoteName(item: unknown): string {
  return quoteValue(typeof item === 'string' ? item.replace(/:.*$/s, '…') : item);
}

/** Why the proxy alone may write a field, or null. */
function reasonAgainst(name: string): string | null {
  if (HOP_BY_HOP.has(name)) return 'belongs to one connection and is never forwarded (RFC 9110 7.6.1)';
  if (name === 'content-length') return 'frames the body, which is forwarded as it is';
  if (name === 'expect') return 'asks for an answer that only the client can wait for';
  if (OWN.has(name)) return 'is written by the proxy itself (trust_proxy and request_id say how)';
  if (name === 'host') return 'is set by preserve_host and rewrite.host';
  return null;
}
