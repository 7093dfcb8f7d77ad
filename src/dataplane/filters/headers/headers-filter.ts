import type { FieldList } from '../../../base/http/field-list.ts';
import { NamedField } from '../../../base/http/named-field.ts';
import type { HeaderChanges } from '../../../config/route-settings.ts';
import type { Filter } from '../../exchange/filter.ts';

/** Whether a route changes nothing, so that it needs no filter. */
export function changesNothing({ set, add, remove }: HeaderChanges): boolean {
  return set.length === 0 && add.length === 0 && remove.length === 0;
}

/** Changes the fields of the request before it goes to the backend, and those of its answer before it goes to the client. */
export function createHeadersFilter(request: HeaderChanges, response: HeaderChanges): Filter {
  const filter: { -readonly [K in keyof Filter]: Filter[K] } = { name: 'headers' };
  const requestChange = compileChanges(request);
  const responseChange = compileChanges(response);
  if (!changesNothing(request)) {
    filter.request = (exchange) => {
      requestChange(exchange.head.fields);
      return null;
    };
  }
  if (!changesNothing(response)) filter.response = (_exchange, head) => responseChange(head.fields);
  return filter;
}

/** Removed and set names go first, then the lines of `set` and `add` stand behind all others. */
function compileChanges({ set, add, remove }: HeaderChanges): (fields: FieldList) => void {
  const gone = [...remove, ...set.map(([name]) => name)].map((name) => new NamedField(name));
  const lines = [...set, ...add].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return (fields) => {
    for (const field of gone) field.drop(fields);
    fields.added += lines;
  };
}
