import { withoutName } from './file-keys.ts';

/** What stands in every output in place of a secret. */
export const MASK = '***';

/** Keys of the configuration whose values are secrets; keys of routes and checks stand without their names. */
const SECRET_KEYS: ReadonlySet<string> = new Set([
  'load_balancer.sticky_secret',
  'backend_tls.key',
  'routes.backend_tls.key',
]);

/** Keys that hold URLs with passwords: who is asked may be seen, nothing else of them. */
const SECRET_URL_KEYS: ReadonlySet<string> = new Set([
  'database_url',
  'redis_url',
  'health.external_api_url',
  'checks.url',
]);

/** Names of fields whose values let people in. */
const SECRET_FIELD = /authorization|cookie|token|secret|password|api-?key|credential|signature/i;

/** Whether the value of a key (`load_balancer.sticky_secret`) is a secret and must never be shown. */
export function isSecretKey(key: string): boolean {
  const general = withoutName(key);
  return SECRET_KEYS.has(general) || SECRET_URL_KEYS.has(general);
}

/** Scheme, host and port of a URL that may hold a secret anywhere else. */
function shownUrl(value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  return url === null ? MASK : `${url.protocol}//${MASK}@${url.host}/${MASK}`;
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
  if (value === undefined || value === null || value === '') return '';
  if (SECRET_URL_KEYS.has(withoutName(key))) return shownUrl(value);
  if (isSecretKey(key)) return MASK;
  if (typeof value === 'string' && value.startsWith('-----BEGIN ')) return `PEM, ${value.length} characters`;
  const parsed = typeof value === 'string' ? jsonOf(value) : value;
  if (typeof parsed !== 'object' || parsed === null) return typeof value === 'string' ? value : JSON.stringify(value);
  return JSON.stringify(isFieldMap(key) ? maskFields(parsed) : maskDeep(key, parsed));
}

/** A value as {@link shownValue} gives it, with nothing masked: for comparisons, never for people. */
export function plainText(value: unknown): string {
  if (value === undefined || value === null) return '';
  const parsed = typeof value === 'string' ? jsonOf(value) : value;
  return typeof parsed === 'string' ? parsed : JSON.stringify(parsed);
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
