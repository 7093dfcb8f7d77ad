/** What stands in every output in place of a secret. */
export const MASK = '***';

/** Keys of the configuration whose values are secrets. */
const SECRET_KEYS: ReadonlySet<string> = new Set(['load_balancer.sticky_secret']);

/** Names of fields whose values let people in. */
const SECRET_FIELD = /authorization|cookie|token|secret|password|api-?key|credential|signature/i;

/** Whether the value of a key (`load_balancer.sticky_secret`) is a secret and must never be shown. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEYS.has(key);
}

/** Whether the value of a header field, as a route may set it, is likely a secret. */
export function isSecretField(name: string): boolean {
  return SECRET_FIELD.test(name);
}

/**
 * A value as text for people: secrets masked whole, values of secret fields masked inside maps of fields, and everything else
 * as JSON unless it is text already. Promise: no value of a secret key or field appears in what is returned.
 */
export function shownValue(key: string, value: unknown): string {
  if (isSecretKey(key)) return MASK;
  const parsed = typeof value === 'string' ? jsonOf(value) : value;
  if (parsed === undefined || parsed === null) return '';
  if (typeof parsed !== 'object') return typeof value === 'string' ? value : JSON.stringify(value);
  return JSON.stringify(isFieldMap(key) ? maskFields(parsed) : maskDeep(key, parsed));
}

/** JSON in text is looked into, as secrets may lie in it. */
function jsonOf(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Whether a key holds a map of header fields with values. */
function isFieldMap(key: string): boolean {
  return /(?:^|\.)(?:set|add|headers)$/.test(key);
}

function maskFields(map: object): unknown {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, isSecretField(name) ? MASK : value]));
}

/** Field maps deeper inside, as in the older tables of routes and in `tests`. */
function maskDeep(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => maskDeep(key, item));
  if (typeof value !== 'object' || value === null) return value;
  if (isFieldMap(key)) return maskFields(value);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, maskDeep(`${key}.${name}`, part)]));
}
