import { isToken } from '../../base/http/bytes.ts';
import { quoteValue } from '../problem.ts';
import type { HashSource } from '../route-settings.ts';
import { field, refuse } from './field.ts';
import type { Field, FieldResult } from './field.ts';
import { choiceField, durationField, textOf } from './scalar-fields.ts';
import { secretField } from './secret-field.ts';
import { filePathField } from './text-fields.ts';

const HASH_FORM = 'address, path, header:NAME, cookie:NAME';
/** Shortest key of a signature that nobody guesses. */
const MIN_SECRET_LENGTH = 16;

const fields = {
  strategy: choiceField(['round_robin', 'least_conn', 'ip_hash', 'consistent_hash', 'random_two'], {
    weighted: 'round_robin',
    weighted_round_robin: 'round_robin',
    least_connections: 'least_conn',
  }),
  hash_on: hashSourceField(),
  sticky_cookie: cookieNameField(),
  sticky_max_age: durationField(0),
};

/** SPEC A.4: the block `load_balancer`, defaults of every route and of the default backend. */
export const loadBalancerShape = {
  strategy: fields.strategy.prefault('round_robin').meta({
    description: 'How a backend is chosen; all follow the weights, and weighted is another word for round_robin.',
  }),
  hash_on: fields.hash_on.prefault('address').meta({ description: 'What consistent_hash keeps together.' }),
  sticky_cookie: fields.sticky_cookie.optional().meta({
    description: 'Cookie that keeps a client at its backend; none when absent; off = none for one route.',
  }),
  sticky_max_age: fields.sticky_max_age.prefault(0).meta({
    description: 'Life of the cookie in whole seconds; 0 = until the browser ends.',
  }),
  sticky_secret: secretField(MIN_SECRET_LENGTH).optional().meta({
    description: 'Key that signs the cookie; made anew at every start when absent. The same on all instances.',
  }),
  sticky_secret_file: filePathField().optional().meta({ description: 'File that holds sticky_secret.' }),
};

/** The block `load_balancer` of a route. */
export const routeLoadBalancerShape = {
  strategy: fields.strategy.optional().meta({ description: 'Default: load_balancer.strategy.' }),
  hash_on: fields.hash_on.optional().meta({ description: 'Default: load_balancer.hash_on.' }),
  sticky_cookie: fields.sticky_cookie
    .optional()
    .meta({ description: 'Default: load_balancer.sticky_cookie; off = none.' }),
  sticky_max_age: fields.sticky_max_age.optional().meta({ description: 'Default: load_balancer.sticky_max_age.' }),
};

function hashSourceField(): Field<HashSource> {
  const written = { type: 'string', pattern: '^(address|path|(header|cookie):.+)$' };
  return field({ ...written, 'x-type': 'choice', 'x-allowed': HASH_FORM }, (input): FieldResult<HashSource> => {
    const text = textOf(input);
    if (text === 'address' || text === 'path') return { value: { kind: text } };
    const match = /^(header|cookie):(.*)$/s.exec(text);
    const name = match?.[2]?.trim() ?? '';
    if (match === null || !isToken(name))
      return refuse(`${quoteValue(input)} cannot be hashed`, { allowed: HASH_FORM });
    return match[1] === 'header'
      ? { value: { kind: 'header', name: name.toLowerCase() } }
      : { value: { kind: 'cookie', name } };
  });
}

/** The name of a cookie (a token, RFC 6265 4.1.1); null = `off`. */
function cookieNameField(): Field<string | null> {
  return field({ type: 'string', 'x-type': 'cookie name' }, (input) => {
    const text = textOf(input);
    if (text === 'off' || text === 'false') return { value: null };
    return isToken(text)
      ? { value: text }
      : refuse(`${quoteValue(input)} is not a cookie name`, { allowed: 'a token, or off' });
  });
}
