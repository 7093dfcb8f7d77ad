import { quoteValue } from '../problem.ts';
import type { RedirectSettings } from '../route-settings.ts';
import { field, refuse } from './field.ts';
import type { Field } from './field.ts';
import { authorityField, hostNameField } from './host-pattern-field.ts';
import { choiceField, integerField, textOf } from './scalar-fields.ts';
import { absolutePathField } from './text-fields.ts';

const STATUSES = [301, 302, 303, 307, 308] as const;

/** Answer of a route with a redirect: the block `redirect` of a route. */
export const redirectShape = {
  status: statusField()
    .prefault(302)
    .meta({ description: 'Status: 301 and 308 for good, 307 and 308 keep the method.' }),
  scheme: choiceField(['http', 'https'])
    .optional()
    .meta({ description: "Scheme of the new URL; default: the request's." }),
  host: hostNameField().optional().meta({ description: "Host of the new URL; default: the request's." }),
  port: integerField(1, 65_535)
    .optional()
    .meta({ description: "Port of the new URL; default: the request's, or the scheme's own when that changes." }),
  path: absolutePathField()
    .optional()
    .meta({ description: 'Path of the new URL, in place of the whole path; the query stays.' }),
  prefix: absolutePathField().optional().meta({ description: "Replaces the route's path; what follows it stays." }),
};

/** What changes on the way to the backend: the block `rewrite` of a route. */
export const rewriteShape = {
  host: authorityField().optional().meta({ description: 'Host field for the backend, with a port if it needs one.' }),
  path: absolutePathField().optional().meta({ description: 'Path for the backend, in place of the whole path.' }),
  prefix: absolutePathField()
    .optional()
    .meta({ description: "Replaces the route's path; / takes it off, as strip_path does." }),
};

function statusField(): Field<RedirectSettings['status']> {
  const allowed = STATUSES.join(', ');
  return field({ enum: [...STATUSES, ...STATUSES.map(String)], 'x-type': 'choice', 'x-allowed': allowed }, (input) => {
    const value = STATUSES.find((status) => String(status) === textOf(input));
    return value === undefined ? refuse(`${quoteValue(input)} is not a status of a redirect`, { allowed }) : { value };
  });
}
