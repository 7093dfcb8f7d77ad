import { formatByteSize, parseByteSize } from '../../base/net/byte-size.ts';
import { parsePort } from '../../base/net/endpoint-host.ts';
import { formatDuration, parseDuration } from '../../base/time/duration.ts';
import { nearestName } from '../nearest-name.ts';
import { quoteValue } from '../problem.ts';
import { field, refuse } from './field.ts';
import type { Field, FieldResult } from './field.ts';

/** 24 days: a native timer takes 2^31 - 1 ms, and anything longer would fire at once. */
const MAX_DURATION_MS = 24 * 24 * 3_600_000;
/** For editors; the parser is stricter. */
const DURATION_PATTERN = String.raw`^(\d+|(\d+(\.\d+)?(h|m|s|ms))+)$`;
const DURATION_FORMS = 'like 30s, 1h30m, 300ms or whole seconds';

/** A duration in ms. `minMs` 0 lets 0 pass, which is `off` or `at once` as the key's description says. */
export function durationField(minMs: number): Field<number> {
  const allowed = `${formatDuration(minMs)} to ${MAX_DURATION_MS / 3_600_000}h`;
  const written = { type: ['string', 'integer'], minimum: 0, pattern: DURATION_PATTERN };
  return field({ ...written, 'x-type': 'duration', 'x-allowed': allowed }, (input) => {
    const durationMs = parseDuration(textOf(input));
    if (durationMs === null) return refuse(`${quoteValue(input)} is not a duration`, { allowed: DURATION_FORMS });
    const inRange = durationMs >= minMs && durationMs <= MAX_DURATION_MS;
    return inRange ? { value: durationMs } : refuse(`${quoteValue(input)} is out of range`, { allowed });
  });
}

/** For editors; the parser is stricter. */
const SIZE_PATTERN = String.raw`^\d+(\.\d+)? *([KMG]i?)?B?$`;

/** A size in bytes, `min` and `max` included. */
export function sizeField(min: number, max: number): Field<number> {
  const least = min === 0 ? '0' : formatByteSize(min);
  const range = max === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${formatByteSize(max)}`;
  const written = { type: ['string', 'integer'], minimum: 0, pattern: SIZE_PATTERN };
  return field({ ...written, 'x-type': 'size', 'x-allowed': range }, (input) => {
    const bytes = parseByteSize(textOf(input));
    if (bytes === null) {
      return refuse(`${quoteValue(input)} is not a size`, {
        allowed: 'whole bytes, or with KB, MB, GB, KiB, MiB, GiB',
      });
    }
    return bytes >= min && bytes <= max
      ? { value: bytes }
      : refuse(`${quoteValue(input)} is out of range`, { allowed: range });
  });
}

/** A whole number, `min` and `max` included. */
export function integerField(min: number, max: number): Field<number> {
  const allowed = `${min} to ${max}`;
  const digits = min < 0 ? /^-?\d{1,15}$/ : /^\d{1,15}$/;
  const written = { type: ['integer', 'string'], minimum: min, maximum: max, pattern: digits.source };
  return field({ ...written, 'x-type': 'integer', 'x-allowed': allowed }, (input) => {
    const text = textOf(input);
    if (!digits.test(text)) return refuse(`${quoteValue(input)} is not a whole number`, { allowed });
    const value = Number(text) + 0;
    return value >= min && value <= max ? { value } : refuse(`${quoteValue(input)} is out of range`, { allowed });
  });
}

/** A TCP port from 0 to 65535; what 0 means is the key's business. */
export function portField(): Field<number> {
  const written = { type: ['integer', 'string'], minimum: 0, maximum: 65_535, pattern: '^\\d{1,5}$' };
  return field({ ...written, 'x-type': 'port', 'x-allowed': '0 to 65535' }, (input) => {
    const port = parsePort(textOf(input));
    return port === null ? refuse(`${quoteValue(input)} is not a port`, { allowed: '0 to 65535' }) : { value: port };
  });
}

const TRUE = new Set(['true', '1', 'yes']);
const FALSE = new Set(['false', '0', 'no']);

/** A boolean in one of the spellings of SPEC A.0, any case; null for anything else. */
export function parseBoolean(input: unknown): boolean | null {
  const text = textOf(input).toLowerCase();
  return TRUE.has(text) ? true : FALSE.has(text) ? false : null;
}

/** A boolean. */
export function booleanField(): Field<boolean> {
  const words = ['true', 'false', 'yes', 'no', '1', '0'];
  return field({ enum: [true, false, 1, 0, ...words], 'x-type': 'boolean' }, (input) => {
    const value = parseBoolean(input);
    if (value !== null) return { value };
    return refuse(`${quoteValue(input)} is neither true nor false`, { allowed: 'true, false, 1, 0, yes, no' });
  });
}

/** One of a few words, any case. `synonyms` maps further spellings to them. */
export function choiceField<T extends string>(
  choices: readonly T[],
  synonyms: Readonly<Record<string, T>> = {},
): Field<T> {
  const written = { enum: [...choices, ...Object.keys(synonyms)] };
  return field({ ...written, 'x-type': 'choice', 'x-allowed': choices.join(', ') }, (input) => {
    const text = textOf(input).toLowerCase();
    const value =
      choices.find((choice) => choice === text) ?? (Object.hasOwn(synonyms, text) ? synonyms[text] : undefined);
    if (value !== undefined) return { value };
    const didYouMean = nearestName(text, choices);
    return refuse(`${quoteValue(input)} is not known`, { allowed: choices.join(', '), didYouMean });
  });
}

/** Text of a scalar as written; empty for what is no scalar, which no parser accepts. */
export function textOf(input: unknown): string {
  if (typeof input === 'string') return input;
  return typeof input === 'number' || typeof input === 'boolean' ? String(input) : '';
}

/** Bytes of a field value (RFC 9110 5.5); heads are read and written as latin1. */
const FIELD_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/**
 * The value of a header field, trimmed. Whole numbers and booleans are taken as they look; a fraction is refused, as YAML has
 * dropped the zeros at its end by then (`1.10`).
 */
export function parseFieldValue(input: unknown): FieldResult<string> {
  if (typeof input === 'number' && !Number.isSafeInteger(input))
    return refuse(`is a number that may have been written otherwise`, {
      allowed: 'text in quotes',
    });
  const isScalar = typeof input === 'string' || typeof input === 'number' || typeof input === 'boolean';
  if (!isScalar) return refuse(`${quoteValue(input)} is not text`, { allowed: 'a field value' });
  const text = textOf(input).trim();
  if (FIELD_VALUE.test(text)) return { value: text };
  return refuse('has a control character or one beyond latin1, which no field value may have');
}
