import { z } from 'zod';

import { parseAuthority } from '../../base/http/authority.ts';
import { isToken } from '../../base/http/bytes.ts';
import { quoteValue } from '../problem.ts';
import { field, refuse } from './field.ts';
import type { Field, FieldResult } from './field.ts';
import { mapField } from './map-field.ts';
import { parseFieldValue, textOf } from './scalar-fields.ts';
import { nameField } from './text-fields.ts';

/** A request line of a routing test. */
interface WrittenRequest {
  readonly method: string;
  readonly url: string;
}

/** One entry of `tests`. */
export const routingTestShape = {
  request: requestField().meta({ description: 'Method and URL: GET https://host/path.' }),
  headers: mapField({ type: ['string', 'integer', 'boolean'] }, parseHeader)
    .prefault({})
    .meta({ description: 'Fields of the request.' }),
  route: nameField().meta({ description: 'Route that must take it; default = the default backend, none = no route.' }),
};

/** Requests with the routes that must take them. */
export const routingTestsField = z
  .array(z.strictObject(routingTestShape))
  .prefault([])
  .meta({
    description:
      'Requests with the routes that must take them: request (GET https://host/path), headers (a map), and route, which is the ' +
      'name of a route, default for the default backend, or none.',
  });

function requestField(): Field<WrittenRequest> {
  const written = { type: 'string', pattern: String.raw`^\S+ https?://\S+$` };
  return field({ ...written, 'x-type': 'request' }, (input) => {
    const [method = '', url = '', ...rest] = textOf(input).split(/ +/);
    const match = /^https?:\/\/([^/?#]+)(?:[/?][^#]*)?$/.exec(url);
    const isSound = rest.length === 0 && isToken(method) && match !== null && !match[1]?.includes('@');
    if (isSound && parseAuthority(match[1] ?? '') !== null) return { value: { method, url } };
    return refuse(`${quoteValue(input)} is not a request`, { allowed: 'like GET https://host/path' });
  });
}

function parseHeader(name: string, value: unknown): FieldResult<readonly [name: string, value: string]> {
  if (!isToken(name)) return refuse(`${quoteValue(name)} is not a header name`);
  const text = parseFieldValue(value);
  return 'refusals' in text ? text : { value: [name, text.value] };
}
