import type { OutgoingHttpHeaders } from 'node:http2';
import { httpDate } from '../../../base/http/date.ts';
import type { FieldList } from '../../../base/http/field-list.ts';
import { FIELD_DROPPED } from '../../../base/http/field-names.ts';
import { fieldIdOfName } from '../../../base/http/field-names.ts';
import { RESPONSE_NOT_COPIED } from '../../../base/http/field-rules.ts';
import { BODY_NONE } from '../../../base/http1/framing.ts';
import type { ResponseHead } from '../../../base/http1/response-head.ts';
import type { AnsweredRequest } from '../../exchange/downstream.ts';

/** Fields of a final answer for HTTP/2 (RFC 9113 8.2): lower case, nothing of the connection. */
export function finalFields(request: AnsweredRequest, head: ResponseHead): OutgoingHttpHeaders {
  const fields: Record<string, string | string[]> = copyFields(head.fields);
  fields.date ??= httpDate(Date.now());
  fields.server = 'rwwwrse';
  append(fields, 'via', `1.${head.minorVersion} rwwwrse`);
  if (request.requestIdField.name !== '') fields[request.requestIdField.name] = request.requestId;
  const told = head.contentLength >= 0 && head.status !== 204;
  if (told) fields['content-length'] = String(head.contentLength);
  else if (head.framing === BODY_NONE && request.head.method !== 'HEAD' && head.status !== 204 && head.status !== 304) {
    fields['content-length'] = '0';
  }
  return { ':status': head.status, ...fields };
}

/** Fields of a list that go to the client; repeated ones as an array. */
export function copyFields(list: FieldList): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  for (const [name, value] of list.entries()) {
    const id = fieldIdOfName(name);
    if (id !== FIELD_DROPPED && RESPONSE_NOT_COPIED[id] !== 1) append(fields, name, value);
  }
  return fields;
}

function append(fields: Record<string, string | string[]>, name: string, value: string): void {
  const before = fields[name];
  if (before === undefined) fields[name] = value;
  else fields[name] = [...(Array.isArray(before) ? before : [before]), value];
}
