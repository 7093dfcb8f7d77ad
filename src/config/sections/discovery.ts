import { isIP } from 'node:net';

import { parseHostPort } from '../../base/net/endpoint-host.ts';
import { quoteValue } from '../problem.ts';
import { refuse } from './field.ts';
import type { Field } from './field.ts';
import { listField } from './list-fields.ts';
import { durationField, textOf } from './scalar-fields.ts';

/** How the names of backends are looked up, block `discovery`. */
export const discoveryShape = {
  min_ttl: durationField(1_000).prefault('5s').meta({ description: 'An answer is kept for so long at least.' }),
  max_ttl: durationField(1_000).prefault('5m').meta({ description: 'An answer is asked for again after so long.' }),
  servers: serverListField().prefault([]).meta({
    description: "Name servers, address or address:port; empty = the system's.",
  }),
  timeout: durationField(1).prefault('5s').meta({ description: 'Longest wait for an answer of a name server.' }),
};

function serverListField(): Field<readonly string[]> {
  return listField({ type: 'string' }, (item) => {
    const text = textOf(item).trim().toLowerCase();
    if (isIP(text) !== 0) return { value: text };
    const parsed = parseHostPort(text);
    const isSound = 'value' in parsed && isIP(parsed.value.host) !== 0 && parsed.value.port !== 0;
    return isSound
      ? { value: text }
      : refuse(`${quoteValue(item)} is not a name server`, { allowed: 'an IP address, address:port, [ipv6]:port' });
  });
}
