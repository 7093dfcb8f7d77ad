import { isToken } from '../http/bytes.ts';
import type { FieldList } from '../http/field-list.ts';
import { FIELD_ID, fieldIdOfName } from '../http/field-names.ts';
import { isEndToEnd } from '../http/field-rules.ts';

// Not String.trim: that takes a no-break space off too, and what is no token to other readers would become `close`.
const SURROUNDING_BLANKS = /^[ \t]+|[ \t]+$/g;

/** What the `Connection` lines of a message say (RFC 9110 7.6.1). */
export interface ConnectionOptions {
  close: boolean;
  keepAlive: boolean;
  upgrade: boolean;
  /** Lower-case names of fields to remove, or null for none. */
  nominated: string[] | null;
}

/**
 * Reads all `Connection` lines. Options that name a field intended for all recipients are ignored, so that a client cannot
 * delete `Authorization` or a forwarded field on its way (CVE-2021-32813, CVE-2024-45410, CVE-2026-33805).
 *
 * @returns false when a member is not a token
 */
export function readConnectionOptions(list: FieldList, into: ConnectionOptions): boolean {
  for (let i = list.indexOf(FIELD_ID.connection); i >= 0; i = list.indexOf(FIELD_ID.connection, i + 1)) {
    for (const member of list.valueAt(i).split(',')) {
      const option = member.replace(SURROUNDING_BLANKS, '').toLowerCase();
      if (option === '') continue;
      if (!isToken(option)) return false;
      readOption(option, into);
    }
  }
  return true;
}

function readOption(option: string, into: ConnectionOptions): void {
  if (option === 'close') into.close = true;
  else if (option === 'keep-alive') into.keepAlive = true;
  else if (option === 'upgrade') into.upgrade = true;
  // TE is never copied as it is; what the backend gets to know of it is decided when its head is written.
  else if (option !== 'te' && !isEndToEnd(fieldIdOfName(option))) (into.nominated ??= []).push(option);
}

/** Drops every line that `Connection` nominated; before any other rewriting. */
export function dropNominated(list: FieldList, nominated: readonly string[]): void {
  for (const name of nominated) list.remove(name);
}
