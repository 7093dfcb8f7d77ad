import { quoteValue } from '../problem.ts';
import { refuse } from './field.ts';
import type { Field, FieldResult } from './field.ts';
import { mapField, unknownKeys } from './map-field.ts';
import { textOf } from './scalar-fields.ts';

/** An error page as written: its text, or the file that holds it. */
export interface WrittenErrorPage {
  /** `404` or `5xx`. */
  readonly status: string;
  readonly text: string | null;
  readonly file: string | null;
  /** Null = by the file's name or the text. */
  readonly contentType: string | null;
}

const KEYS = ['file', 'text', 'content_type'] as const;
const STATUS = /^(?:[45]\d\d|[45]xx)$/;
const PAGE_FORM = 'text, or a map of file or text, and content_type';

/** Own answers to errors: `404` or `5xx` → text, or `{file, content_type}`, or `{text, content_type}`. */
export function errorPagesField(): Field<readonly WrittenErrorPage[]> {
  const properties = Object.fromEntries(KEYS.map((key) => [key, { type: 'string' }]));
  return mapField(
    { anyOf: [{ type: 'string' }, { type: 'object', properties, additionalProperties: false }] },
    parsePage,
  );
}

function parsePage(written: string, value: unknown): FieldResult<WrittenErrorPage> {
  const status = written.toLowerCase();
  if (!STATUS.test(status))
    return refuse(`${quoteValue(written)} is not an error status`, { allowed: '400 to 599, 4xx, 5xx' });
  if (typeof value === 'string') return { value: { status, text: value, file: null, contentType: null } };
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse(`${quoteValue(value)} is not an error page`, { allowed: PAGE_FORM });
  const unknown = unknownKeys(value as Record<string, unknown>, KEYS);
  if (unknown.length > 0) return { refusals: unknown };
  const [file, text, contentType] = KEYS.map((key) => textOrNull((value as Record<string, unknown>)[key]));
  if ((file === null) === (text === null)) return refuse('is not one page', { allowed: 'file or text, one of them' });
  if (contentType !== null && !/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:[ \t]*;[\t\u0020-\u007e]*)?$/.test(contentType ?? ''))
    return refuse(`${quoteValue(contentType)} is not a media type`, { allowed: 'like text/html; charset=utf-8' });
  return { value: { status, text: text ?? null, file: file ?? null, contentType: contentType ?? null } };
}

function textOrNull(value: unknown): string | null {
  return value === undefined || value === null ? null : textOf(value);
}
