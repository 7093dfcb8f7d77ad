import { z } from 'zod';

import { hostPatternField } from './host-pattern-field.ts';
import { booleanField, durationField } from './scalar-fields.ts';
import { targetField, targetListField, weightListField } from './target-fields.ts';
import { urlPathField } from './text-fields.ts';

/** SPEC A.4: the keys of one route. */
export const routeShape = {
  host: hostPatternField().prefault('*').meta({ description: 'Host, *.domain, or * for any.' }),
  path: urlPathField().prefault('/').meta({ description: 'Path prefix, matched on segment borders.' }),
  target: targetField().optional().meta({ description: 'The only backend.' }),
  targets: targetListField().optional().meta({ description: 'Several backends: URLs, or maps of url and weight.' }),
  weights: weightListField().optional().meta({ description: 'Weights in the order of targets; 0 = no requests.' }),
  timeout: durationField(0).optional().meta({ description: "Wait for a backend's response head; default: timeout." }),
  strip_path: booleanField()
    .optional()
    .meta({ description: 'Take the path off before forwarding; default: strip_path.' }),
  preserve_host: booleanField().optional().meta({ description: "Forward the client's Host; default: preserve_host." }),
};

/** Routes by name. */
export const routesField = z
  .record(z.string(), z.strictObject(routeShape))
  .prefault({})
  .meta({ description: 'Routes by name; a list of maps with an optional name is accepted too.' });

/** Route keys of other spellings (SPEC A.4, routes.yaml). */
export const ROUTE_ALIASES: Readonly<Record<string, string>> = { path_prefix: 'path' };

/** Route keys of SPEC A.4 that are understood by later versions only: told, then left out. */
export const LATER_ROUTE_KEYS: ReadonlySet<string> = new Set([
  'cache_ttl',
  'health_check',
  'rate_limit',
  'retries',
  'retry_attempts',
  'websocket',
]);

/** Route keys of later versions that keep people out: a route that asks for one must not be served without it. */
export const LATER_PROTECTION_KEYS: ReadonlySet<string> = new Set(['auth_required', 'internal_only']);
