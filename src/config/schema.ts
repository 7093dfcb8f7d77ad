import { z } from 'zod';

import { accessLogShape, accessLogSwitchShape } from './sections/access-log.ts';
import { backendTlsShape } from './sections/backend-tls.ts';
import { loadBalancerShape } from './sections/balancing.ts';
import { checksField, dependencyShape } from './sections/dependencies.ts';
import { discoveryShape } from './sections/discovery.ts';
import { healthShape, livenessShape, metricsShape, metricsSwitchShape, readinessShape } from './sections/endpoints.ts';
import { healthCheckShape } from './sections/health-check.ts';
import { listenersField, listenerShape } from './sections/listener.ts';
import { logShape, logSwitchShape } from './sections/log.ts';
import { circuitBreakerShape, passiveHealthShape } from './sections/passive-health.ts';
import { processShape, requestIdShape } from './sections/process.ts';
import { lastGoodShape, reloadSwitchShape } from './sections/reload.ts';
import { retryBudgetShape, retryShape } from './sections/retry.ts';
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
  ...dependencyShape,
  ...reloadSwitchShape,
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
  health_check: healthCheckShape,
  passive_health: passiveHealthShape,
  circuit_breaker: circuitBreakerShape,
  retry: retryShape,
  'retry.budget': retryBudgetShape,
  backend_tls: backendTlsShape,
  discovery: discoveryShape,
  shutdown: shutdownShape,
  request_id: requestIdShape,
  last_good: lastGoodShape,
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
  health_check: z.strictObject(healthCheckShape).prefault({}),
  passive_health: z.strictObject(passiveHealthShape).prefault({}),
  circuit_breaker: z.strictObject(circuitBreakerShape).prefault({}),
  retry: z.strictObject({ ...retryShape, budget: z.strictObject(retryBudgetShape).prefault({}) }).prefault({}),
  backend_tls: z.strictObject(backendTlsShape).prefault({}),
  discovery: z.strictObject(discoveryShape).prefault({}),
  shutdown: z.strictObject(shutdownShape).prefault({}),
  request_id: z.strictObject(requestIdShape).prefault({}),
  last_good: z.strictObject(lastGoodShape).prefault({}),
  listeners: listenersField,
  tests: routingTestsField,
  checks: checksField,
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
 * for precedence: the highest layer that has one wins as a whole. Routes and checks are not here, as their
 * names are free.
 */
export const CONFIG_KEYS: ReadonlySet<string> = new Set([
  ...Object.keys(topShape),
  ...Object.entries(blocks).flatMap(([block, shape]) => Object.keys(shape).map((key) => `${block}.${key}`)),
  ...LIST_KEYS,
]);
