import { z } from 'zod';

import { routeLoadBalancerShape } from './balancing.ts';
import { routeBackendTlsShape } from './backend-tls.ts';
import { errorPagesField } from './error-pages-field.ts';
import { headerChangesShape } from './header-changes.ts';
import { routeHealthCheckShape } from './health-check.ts';
import { hostPatternField } from './host-pattern-field.ts';
import { headerMatchesField, methodListField } from './match-fields.ts';
import { routeCircuitBreakerShape, routePassiveHealthShape } from './passive-health.ts';
import { redirectShape, rewriteShape } from './redirect.ts';
import { retriesField, routeRetryShape } from './retry.ts';
import { booleanField, choiceField, durationField, integerField } from './scalar-fields.ts';
import { targetField, targetListField, weightListField } from './target-fields.ts';
import { urlPathField } from './text-fields.ts';
import { routeUpstreamShape } from './upstream.ts';

const MAX_PRIORITY = 1_000;

/** Blocks of a route, by name. */
const routeBlocks = {
  redirect: redirectShape,
  rewrite: rewriteShape,
  request_headers: headerChangesShape,
  response_headers: headerChangesShape,
  load_balancer: routeLoadBalancerShape,
  health_check: routeHealthCheckShape,
  passive_health: routePassiveHealthShape,
  circuit_breaker: routeCircuitBreakerShape,
  retry: routeRetryShape,
  backend_tls: routeBackendTlsShape,
};

/** SPEC A.4: the keys of one route. */
const routeShape = {
  host: hostPatternField().prefault('*').meta({ description: 'Host, *.domain, or * for any.' }),
  path: urlPathField().prefault('/').meta({ description: 'Path prefix, matched on segment borders.' }),
  exact_path: urlPathField().optional().meta({ description: 'The only path, in place of path.' }),
  methods: methodListField().prefault([]).meta({ description: 'Methods; empty = any.' }),
  headers: headerMatchesField().prefault({}).meta({
    description:
      'Conditions on request fields, which must all hold: a value, or exact, prefix, regex (of the whole value), present.',
  }),
  priority: integerField(-MAX_PRIORITY, MAX_PRIORITY).prefault(0).meta({
    description: 'Routes of one host with a higher number are tried first, before more specific paths.',
  }),
  target: targetField().optional().meta({ description: 'The only backend.' }),
  targets: targetListField().optional().meta({ description: 'Several backends: URLs, or maps of url and weight.' }),
  weights: weightListField().optional().meta({ description: 'Weights in the order of targets; 0 = no requests.' }),
  redirect: z
    .strictObject(redirectShape)
    .optional()
    .meta({ description: 'Answers with a redirect in place of backends.' }),
  rewrite: z.strictObject(rewriteShape).optional().meta({ description: 'Changes host and path for the backend.' }),
  request_headers: z
    .strictObject(headerChangesShape)
    .optional()
    .meta({ description: 'Changes of the request fields.' }),
  response_headers: z
    .strictObject(headerChangesShape)
    .optional()
    .meta({ description: 'Changes of the answer fields.' }),
  load_balancer: z.strictObject(routeLoadBalancerShape).optional().meta({ description: 'Choice among the targets.' }),
  health_check: z.strictObject(routeHealthCheckShape).optional().meta({ description: 'Checks of the targets.' }),
  passive_health: z
    .strictObject(routePassiveHealthShape)
    .optional()
    .meta({ description: 'Ejection of the targets by live traffic.' }),
  circuit_breaker: z
    .strictObject(routeCircuitBreakerShape)
    .optional()
    .meta({ description: 'Circuit breakers of the targets.' }),
  retry: z.strictObject(routeRetryShape).optional().meta({ description: 'Further attempts.' }),
  retries: retriesField().optional().meta({
    description: 'How often a request is sent again at most: retry.max_attempts less one. 0 = never.',
  }),
  backend_tls: z.strictObject(routeBackendTlsShape).optional().meta({ description: 'Connections to HTTPS targets.' }),
  ...routeUpstreamShape,
  timeout: durationField(0).optional().meta({ description: "Wait for a backend's response head; default: timeout." }),
  request_timeout: durationField(0).optional().meta({
    description: 'From the request head to the end of the answer; 0 = off; default: request_timeout.',
  }),
  strip_path: booleanField()
    .optional()
    .meta({ description: 'Take the path off before forwarding; default: strip_path.' }),
  preserve_host: booleanField().optional().meta({ description: "Forward the client's Host; default: preserve_host." }),
  ambiguous_path: choiceField(['refuse', 'pass']).optional().meta({
    description: 'A path that can be read in two ways; default: ambiguous_path.',
  }),
  websocket: booleanField().prefault(true).meta({
    description: 'Pass upgrades such as WebSocket on; false = such a request is forwarded as an ordinary one.',
  }),
  access_log: booleanField().prefault(true).meta({ description: 'Write its requests to the access log.' }),
  error_pages: errorPagesField()
    .prefault({})
    .meta({
      description:
        'Own answers to errors of the proxy: 404 or 5xx, as text or a map of file (at most 64 KiB, read at load) or text, and ' +
        'content_type. {{status}}, {{error}}, {{code}} and {{request_id}} are filled in.',
    }),
};

/** One route. */
export const routeSchema = z.strictObject(routeShape);

/** Routes by name. */
export const routesField = z
  .record(z.string(), routeSchema)
  .prefault({})
  .meta({ description: 'Routes by name; a list of maps with an optional name is accepted too.' });

/** Names of the blocks of a route, such as `redirect`. */
export const ROUTE_BLOCKS: ReadonlySet<string> = new Set(Object.keys(routeBlocks));

/** Every key of a route that has one value, as path: `host`, `redirect.status`. */
export const ROUTE_KEYS: readonly string[] = Object.keys(routeShape).flatMap((key) =>
  Object.hasOwn(routeBlocks, key)
    ? Object.keys(routeBlocks[key as keyof typeof routeBlocks]).map((inner) => `${key}.${inner}`)
    : [key],
);

/** Route keys of other spellings (SPEC A.4, routes.yaml). */
export const ROUTE_ALIASES: Readonly<Record<string, string>> = {
  path_prefix: 'path',
  retry_attempts: 'retry.max_attempts',
  health_path: 'health_check.path',
  health_interval: 'health_check.interval',
};

/** Route keys of SPEC A.4 that are understood by later versions only: told, then left out. */
export const LATER_ROUTE_KEYS: ReadonlySet<string> = new Set(
  'cache_ttl dial_timeout max_idle_conns max_idle_per_host middleware rate_limit static'.split(' '),
);

/** Those of {@link LATER_ROUTE_KEYS} that the older tables set per route, with the key that holds for all backends. */
export const POOL_ROUTE_KEYS: Readonly<Record<string, string>> = {
  dial_timeout: 'pool.dial_timeout',
  max_idle_conns: 'pool.max_idle_conns',
  max_idle_per_host: 'pool.max_idle_conns_per_host',
};

/** Route keys of later versions that keep people out: a route that asks for one must not be served without it. */
export const LATER_PROTECTION_KEYS: ReadonlySet<string> = new Set(['auth', 'auth_required', 'internal_only']);
