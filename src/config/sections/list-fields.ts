import { parseCidr } from '../../base/net/cidr.ts';
import { quoteValue } from '../problem.ts';
import { field, refuse } from './field.ts';
import type { Field, FieldRefusal, FieldResult } from './field.ts';
import { parseBoolean } from './scalar-fields.ts';

/**
 * Items of a list: a YAML list, a JSON array in text, or text with commas (SPEC A.0). Empty text is an empty list; an
 * empty item between commas is refused, since it is a forgotten value more often than not.
 */
function parseItems(input: unknown): FieldResult<readonly unknown[]> {
  if (Array.isArray(input)) return { value: input };
  if (typeof input !== 'string') return refuse(`${quoteValue(input)} is not a list`, { allowed: LIST_FORM });
  if (JSON_LIST.test(input)) return parseJsonList(input);
  if (input === '') return { value: [] };
  const items = input.split(',').map((item) => item.trim());
  return items.includes('') ? refuse('has an empty item', { allowed: LIST_FORM }) : { value: items };
}

/** Begins as a JSON array does and a bracketed IPv6 address does not. */
const JSON_LIST = /^\[\s*(?:["\]{]|-?\d+\s*[,\]])/;
/** What {@link parseItems} takes, in words. */
const LIST_FORM = 'a list, text with commas, or a JSON array';

function parseJsonList(text: string): FieldResult<readonly unknown[]> {
  try {
    return { value: JSON.parse(text) as unknown[] };
  } catch {
    return refuse('is not a valid JSON array', { allowed: LIST_FORM });
  }
}

/** A list whose items `parseItem` turns into values; every bad item is told with its place. */
export function listField<T>(written: object, parseItem: (item: unknown) => FieldResult<T>): Field<readonly T[]> {
  const form = { type: ['array', 'string'], items: written, 'x-type': 'list' };
  return field(form, (input) => mapItems(input, parseItem));
}

/** As {@link listField}; a number alone is a list of one, as YAML reads `expected_status: 200`. */
export function numberListField<T>(written: object, parseItem: (item: unknown) => FieldResult<T>): Field<readonly T[]> {
  const form = { type: ['array', 'string', 'integer'], items: written, 'x-type': 'list' };
  return field(form, (input) => mapItems(typeof input === 'number' ? [input] : input, parseItem));
}

/** Parses every item of a list, or gives all refusals. */
function mapItems<T>(input: unknown, parseItem: (item: unknown) => FieldResult<T>): FieldResult<readonly T[]> {
  const items = parseItems(input);
  if ('refusals' in items) return items;
  const values: T[] = [];
  const refusals: FieldRefusal[] = [];
  for (const [index, item] of items.value.entries()) {
    const result = parseItem(item);
    if ('value' in result) values.push(result.value);
    else for (const refusal of result.refusals) refusals.push({ ...refusal, path: [index, ...(refusal.path ?? [])] });
  }
  return refusals.length > 0 ? { refusals } : { value: values };
}

/** A list of networks in CIDR notation or single addresses. */
export function cidrListField(): Field<readonly string[]> {
  return listField({ type: 'string' }, parseCidrItem);
}

/**
 * Networks meant by `trust_proxy: true`: loopback, the private networks of RFC 1918 and the unique local addresses of
 * RFC 4193. Link-local (169.254.0.0/16, fe80::/10) and shared address space (100.64.0.0/10) are left out: neighbours
 * on a link and customers of a carrier are no proxies of one's own.
 */
const PRIVATE_NETWORKS: readonly string[] = [
  '127.0.0.0/8',
  '::1/128',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
];

/** A boolean or a list of networks: false = nobody, true = {@link PRIVATE_NETWORKS}. */
export function trustedNetworksField(): Field<readonly string[]> {
  const written = { type: ['boolean', 'array', 'string'], items: { type: 'string' }, 'x-type': 'boolean or list' };
  return field(written, (input): FieldResult<readonly string[]> => {
    const all = Array.isArray(input) ? null : parseBoolean(input);
    if (all !== null) return { value: all ? PRIVATE_NETWORKS : [] };
    return mapItems(input, parseCidrItem);
  });
}

function parseCidrItem(item: unknown): FieldResult<string> {
  const cidr = typeof item === 'string' ? parseCidr(item.trim()) : null;
  if (cidr !== null) return { value: `${cidr.address}/${cidr.prefix}` };
  return refuse(`${quoteValue(item)} is neither an IP address nor a network`, {
    allowed: 'like 10.0.0.0/8, 192.0.2.7, fd00::/8',
  });
}
