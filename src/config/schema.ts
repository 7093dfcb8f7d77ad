import { z } from 'zod';

import { accessLogShape, accessLogSwitchShape } from './sections/access-log.ts';
import { loadBalancerShape } from './sections/balancing.ts';
import { healthShape, livenessShape, metricsShape, metricsSwitchShape, readinessShape } from './sections/endpoints.ts';
import { listenersField, listenerShape } from './sections/listener.ts';
import { logShape, logSwitchShape } from './sections/log.ts';
import { processShape, requestIdShape } from './sections/process.ts';
import { routesField } from './sections/routes.ts';
import { routeTableShape } from './sections/route-tables.ts';
import { routingTestsField } from './sections/routing-tests.ts';
import { shutdownShape } from './sections/shutdown.ts';
import { poolShape, upstreamShape } from './sections/upstream.ts';

const topShape = {
  ...listenerShape,
  ...processShape,
  ...logSwitchShape,
  ...accessLogSwitchShape,
  ...metricsSwitchShape,
  ...upstreamShape,
  ...routeTableShape,
};

const blocks = {
  log: logShape,
  access_log: accessLogShape,
  health: healthShape,
  readiness: readinessShape,
  liveness: livenessShape,
  metrics: metricsShape,
  pool: poolShape,
  load_balancer: loadBalancerShape,
  shutdown: shutdownShape,
  request_id: requestIdShape,
};

/** The whole configuration file: types, defaults and descriptions of every key in one place. */
export const configSchema = z.strictObject({
  ...topShape,
  log: z.strictObject(logShape).prefault({}),
  access_log: z.strictObject(accessLogShape).prefault({}),
  health: z.strictObject(healthShape).prefault({}),
  readiness: z.strictObject(readinessShape).prefault({}),
  liveness: z.strictObject(livenessShape).prefault({}),
  metrics: z.strictObject(metricsShape).prefault({}),
  pool: z.strictObject(poolShape).prefault({}),
  load_balancer: z.strictObject(loadBalancerShape).prefault({}),
  shutdown: z.strictObject(shutdownShape).prefault({}),
  request_id: z.strictObject(requestIdShape).prefault({}),
  listeners: listenersField,
  tests: routingTestsField,
  routes: routesField,
});

/** The configuration with every value typed and every default filled in, still in the shape of the file. */
export type CheckedConfig = z.output<typeof configSchema>;

/** Names of the blocks, such as `log`. */
export const BLOCKS: ReadonlySet<string> = new Set(Object.keys(blocks));

/** Keys that hold lists of maps, written as JSON in the environment. */
export const LIST_KEYS: ReadonlySet<string> = new Set(['listeners', 'tests']);

/**
 * Every key that has one value, as path: `port`, `log.level`, and lists of maps (`listeners`, `tests`), which are one value
 * for precedence: the highest layer that has one wins as a whole. Routes are not here, as their names are free.
 */
export const CONFIG_KEYS: ReadonlySet<string> = new Set([
  ...Object.keys(topShape),
  ...Object.entries(blocks).flatMap(([block, shape]) => Object.keys(shape).map((key) => `${block}.${key}`)),
  ...LIST_KEYS,
]);
