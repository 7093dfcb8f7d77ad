import type {
  BackendPolicy,
  BreakerSettings,
  HealthCheckSettings,
  PassiveHealthSettings,
  StatusRange,
} from '../resilience-settings.ts';
import type { CheckedConfig } from '../schema.ts';
import type { Findings } from './findings.ts';
import { resolveBackendTls } from './resolve-backend-tls.ts';

type CheckedRoute = CheckedConfig['routes'][string];
type HealthBlock = CheckedConfig['health_check'];

/** What a backend without `/health` answers is a sign of life, too. */
const NOT_BROKEN: readonly StatusRange[] = [{ from: 200, to: 499 }];
const SUCCESSFUL: readonly StatusRange[] = [{ from: 200, to: 299 }];
/** Blocks and keys of a route that make its policy another than that of the whole file. */
const POLICY_KEYS = [
  'health_check',
  'passive_health',
  'circuit_breaker',
  'backend_tls',
  'slow_start',
  'send_proxy_protocol',
] as const;
const PROXY_VERSIONS = { off: 0, v1: 1, v2: 2 } as const;

/** What holds for the default backend, and for the backends of every route that says nothing else. */
export function resolveDefaultPolicy(checked: CheckedConfig, findings: Findings): BackendPolicy {
  checkPassive(['passive_health'], checked.passive_health, findings);
  return {
    healthCheck: healthCheckOf(checked.health_check, findings.isWritten('health_check.path')),
    passiveHealth: passiveHealthOf(checked.passive_health),
    breaker: breakerOf(checked.circuit_breaker),
    slowStartMs: checked.slow_start,
    tls: resolveBackendTls(['backend_tls'], checked.backend_tls, findings),
    proxyProtocol: PROXY_VERSIONS[checked.send_proxy_protocol],
  };
}

/** The policy of one route: each key that it does not write is that of the whole file. */
export function resolvePolicy(
  path: readonly string[],
  route: CheckedRoute,
  { checked, policy }: { readonly checked: CheckedConfig; readonly policy: BackendPolicy },
  findings: Findings,
): BackendPolicy {
  if (POLICY_KEYS.every((key) => route[key] === undefined)) return policy;
  const passive = mixed(checked.passive_health, route.passive_health);
  const proxyProtocol = route.send_proxy_protocol ?? checked.send_proxy_protocol;
  const isPathWritten = route.health_check?.path !== undefined || findings.isWritten('health_check.path');
  if (route.passive_health !== undefined) checkPassive([...path, 'passive_health'], passive, findings);
  return {
    healthCheck: healthCheckOf(mixed(checked.health_check, route.health_check), isPathWritten),
    passiveHealth: passiveHealthOf(passive),
    breaker: breakerOf(mixed(checked.circuit_breaker, route.circuit_breaker)),
    slowStartMs: route.slow_start ?? checked.slow_start,
    tls: tlsOf(path, route, { checked, policy }, findings),
    proxyProtocol: PROXY_VERSIONS[proxyProtocol],
  };
}

function tlsOf(
  path: readonly string[],
  route: CheckedRoute,
  { checked, policy }: { readonly checked: CheckedConfig; readonly policy: BackendPolicy },
  findings: Findings,
): BackendPolicy['tls'] {
  if (route.backend_tls === undefined) return policy.tls;
  return resolveBackendTls([...path, 'backend_tls'], mixed(checked.backend_tls, route.backend_tls), findings);
}

/** A block of the whole file with what a route writes in its place. */
function mixed<T extends object>(defaults: T, written: { readonly [K in keyof T]?: T[K] | undefined } | undefined): T {
  const entries = Object.entries(written ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(entries) };
}

function healthCheckOf(block: HealthBlock, isPathWritten: boolean): HealthCheckSettings | null {
  if (!block.enabled) return null;
  return {
    kind: block.type,
    method: block.method,
    path: block.path,
    host: block.host ?? null,
    headers: block.headers,
    intervalMs: block.interval,
    timeoutMs: block.timeout,
    unhealthyThreshold: block.unhealthy_threshold,
    healthyThreshold: block.healthy_threshold,
    expectedStatuses: block.expected_status ?? (isPathWritten ? SUCCESSFUL : NOT_BROKEN),
    expectedBody: block.expected_body ?? null,
    initial: block.initial,
  };
}

function passiveHealthOf(block: CheckedConfig['passive_health']): PassiveHealthSettings | null {
  const isBlind = block.consecutive_failures === 0 && block.failure_share === 0;
  if (!block.enabled || isBlind) return null;
  return {
    consecutiveFailures: block.consecutive_failures,
    failureShare: block.failure_share,
    windowMs: block.window,
    minRequests: block.min_requests,
    ejectMs: block.eject_time,
    maxEjectMs: block.max_eject_time,
    maxEjectedShare: block.max_ejected,
  };
}

function breakerOf(block: CheckedConfig['circuit_breaker']): BreakerSettings | null {
  if (!block.enabled) return null;
  return {
    threshold: block.threshold,
    openMs: block.timeout,
    maxTrials: block.max_requests,
    successThreshold: block.success_threshold,
  };
}

function checkPassive(path: readonly string[], block: CheckedConfig['passive_health'], findings: Findings): void {
  if (block.eject_time <= block.max_eject_time) return;
  const isWritten = findings.isWritten([...path, 'eject_time'].join('.'));
  const key = isWritten ? 'eject_time' : 'max_eject_time';
  findings.add('error', [...path, key], 'eject_time is longer than max_eject_time');
}
