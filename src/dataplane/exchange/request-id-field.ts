import type { FieldList } from '../../base/http/field-list.ts';

/** The field that carries request ids, both ways. */
export interface RequestIdField {
  /** `\r\nX-Request-ID: `, ready to be followed by the id; empty = the id is not sent. */
  readonly line: string;
  /** Lower-case name; empty = the id is not sent. */
  readonly name: string;
  /** Takes the field out of a received head, since the proxy writes its own. */
  drop(fields: FieldList): void;
}

/** Ids are not sent, and what others call so is left alone. */
export const NO_REQUEST_ID_FIELD: RequestIdField = { line: '', name: '', drop: () => undefined };
