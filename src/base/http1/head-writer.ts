import type { FieldList } from '../http/field-list.ts';
import { SPAN } from '../http/field-list.ts';
import { FIELD_DROPPED, FIELD_ID_COUNT } from '../http/field-names.ts';

/** Marks nothing but the lines that were removed. */
const ONLY_DROPPED = new Uint8Array(FIELD_ID_COUNT);
ONLY_DROPPED[FIELD_DROPPED] = 1;

/**
 * Lines of `list` whose id is not marked in `notCopied`, as received, and those added behind them. Neighbouring kept lines
 * are one slice of the received text.
 */
export function copyLines(list: FieldList, notCopied: Uint8Array): string {
  const { spans, text } = list;
  const end = list.count * SPAN;
  let out = '';
  let runStart = -1;
  for (let at = 0; at < end; at += SPAN) {
    if (notCopied[spans[at] as number] === 1) {
      if (runStart >= 0) {
        out += text.slice(runStart, spans[at + 1]);
        runStart = -1;
      }
    } else if (runStart < 0) {
      runStart = spans[at + 1] as number;
    }
  }
  if (runStart >= 0) out += text.slice(runStart, spans[end - SPAN + 5]);
  return out + list.added;
}

/** Trailer lines of a list as they go on the wire, or an empty text. */
export function trailerLines(list: FieldList | null): string {
  return list === null ? '' : copyLines(list, ONLY_DROPPED);
}
