import { ACCESS_FIELDS } from '../access-fields.ts';
import type { BackendPolicy, DiscoverySettings, ReloadSettings, RetrySettings } from '../resilience-settings.ts';
import type {
  AccessLogSettings,
  ApplicationLogSettings,
  EndpointSettings,
  ResolvedConfig,
  StaticSettings,
  TrafficSettings,
  UpstreamSettings,
} from '../resolved-config.ts';
import type { CheckedConfig } from '../schema.ts';
import { rotationBytes } from '../sections/log-rotation.ts';
import type { Findings } from './findings.ts';
import { resolveDependencies } from './resolve-dependencies.ts';
import { resolveListeners } from './resolve-listeners.ts';
import { resolveDefaultBalancing } from './resolve-balancing.ts';
import { resolveDefaultPolicy } from './resolve-policy.ts';
import { resolveDefaultRetry, resolveRetryBudget } from './resolve-retry.ts';
import { resolveRoutes } from './resolve-routes.ts';
import { resolveDefaultBackend, resolveDefaultHosts } from './resolve-targets.ts';
import { resolveTests } from './resolve-tests.ts';

/** Brings a checked configuration into the shape the program reads, and checks the rules between keys. */
export function resolveConfig(checked: CheckedConfig, findings: Findings): ResolvedConfig {
  checkEndpoints(checked, findings);
  warnOfRenamedMetrics(checked, findings);
  return { settings: staticSettings(checked, findings), traffic: trafficSettings(checked, findings) };
}

function staticSettings(checked: CheckedConfig, findings: Findings): StaticSettings {
  return {
    listeners: resolveListeners(checked, findings),
    workers: checked.workers,
    shutdownDelayMs: checked.shutdown.delay,
    shutdownTimeoutMs: checked.shutdown.timeout,
    pidFile: checked.pid_file ?? null,
    upgradeTimeoutMs: checked.upgrade_timeout,
    accessLog: accessLogSettings(checked),
    log: logSettings(checked),
    bufferBudgetBytes: checked.buffer_budget_bytes,
    reload: resolveReload(checked, findings),
  };
}

/** What is known about reloads even when the configuration is refused. */
function resolveReload({ hot_reload: watch, last_good: lastGood }: CheckedConfig, findings: Findings): ReloadSettings {
  const path = lastGood.path ?? null;
  if (lastGood.fallback && path === null && findings.isSound('last_good.path'))
    findings.add('error', ['last_good', 'fallback'], 'is on without a file', 'last_good.path beside it');
  return { watch, lastGoodPath: path, fallsBack: lastGood.fallback };
}

function accessLogSettings({ request_logging: isOn, access_log: access }: CheckedConfig): AccessLogSettings {
  return {
    enabled: isOn && access.path !== 'off',
    path: access.path,
    format: access.format,
    fields: access.fields.length === 0 && access.format === 'json' ? ACCESS_FIELDS : access.fields,
    sample: access.sample,
    excludePaths: access.exclude_paths,
    rotation: { maxBytes: rotationBytes(access.max_size), keep: access.keep },
  };
}

function logSettings({ log, error_stack_trace: stackTrace }: CheckedConfig): ApplicationLogSettings {
  return {
    level: log.level,
    format: log.format,
    output: log.output,
    rotation: { maxBytes: rotationBytes(log.max_size), keep: log.keep },
    stackTrace,
    timestamp: log.timestamp,
    caller: log.caller,
    severity: log.severity,
    requests: log.requests,
    slowRequestMs: log.slow_request,
    capture: {
      requestHeaders: log.request_headers,
      responseHeaders: log.response_headers,
      requestBody: log.request_body,
      responseBody: log.response_body,
      bodyLimitBytes: log.body_limit,
    },
    redact: log.redact,
  };
}

function trafficSettings(checked: CheckedConfig, findings: Findings): TrafficSettings {
  const balancing = resolveDefaultBalancing(checked, findings);
  const policy = resolveDefaultPolicy(checked, findings);
  const retry = resolveDefaultRetry(checked, findings);
  return {
    routes: resolveRoutes(checked, { balancing, policy, retry }, findings),
    defaultBackend: resolveDefaultBackend(checked, findings),
    defaultHosts: resolveDefaultHosts(checked, findings),
    defaultBalancing: balancing,
    stickySecret: checked.load_balancer.sticky_secret ?? null,
    tests: resolveTests(checked, findings),
    upstream: upstreamSettings(checked, policy, retry),
    endpoints: endpointSettings(checked),
    requestId: checked.request_id,
    dependencies: resolveDependencies(checked, findings),
    discovery: discoverySettings(checked, findings),
    retryBudget: resolveRetryBudget(checked),
  };
}

function discoverySettings({ discovery }: CheckedConfig, findings: Findings): DiscoverySettings {
  const { min_ttl: minTtlMs, max_ttl: maxTtlMs, servers, timeout: timeoutMs } = discovery;
  const key = findings.isWritten('discovery.max_ttl') ? 'max_ttl' : 'min_ttl';
  if (minTtlMs > maxTtlMs) findings.add('error', ['discovery', key], 'min_ttl is longer than max_ttl');
  return { minTtlMs, maxTtlMs, servers, timeoutMs };
}

function upstreamSettings(checked: CheckedConfig, policy: BackendPolicy, retry: RetrySettings): UpstreamSettings {
  const { pool } = checked;
  return {
    maxIdleConnections: pool.max_idle_conns,
    maxIdlePerBackend: pool.max_idle_conns_per_host,
    maxPerBackend: pool.max_conns_per_host,
    idleTimeoutMs: pool.idle_timeout,
    connectTimeoutMs: pool.dial_timeout,
    responseTimeoutMs: checked.timeout,
    requestTimeoutMs: checked.request_timeout,
    bodyIdleTimeoutMs: pool.read_timeout,
    queueTimeoutMs: pool.queue_timeout,
    preserveHost: checked.preserve_host,
    ambiguousPath: checked.ambiguous_path,
    backends: policy,
    retry,
    tunnelIdleMs: checked.tunnel_idle_timeout,
  };
}

function endpointSettings(checked: CheckedConfig): EndpointSettings {
  return {
    healthEnabled: checked.health.enabled,
    healthPath: checked.health.path,
    readinessPath: checked.readiness.path,
    readinessRequiresBackends: checked.readiness.require_backends,
    livenessPath: checked.liveness.path,
    metricsEnabled: checked.metrics.enabled,
    metricsPath: checked.metrics.path,
    metricsAllow: checked.metrics.allow,
    detailedMetrics: checked.detailed_metrics,
    metricsIntervalMs: checked.metrics.interval,
    debugEnabled: checked.debug_mode,
    metricsPrefix: metricsPrefix(checked),
  };
}

/** The parts that are not empty, each followed by an underscore. */
function metricsPrefix({ metrics }: CheckedConfig): string {
  return [metrics.namespace, metrics.subsystem].map((part) => (part === '' ? '' : `${part}_`)).join('');
}

/** Alerts, dashboards and the Operations Guide name the metrics as they are by default (SPEC A.3). */
function warnOfRenamedMetrics({ metrics }: CheckedConfig, findings: Findings): void {
  const defaults = { namespace: 'rwwwrse', subsystem: '' } as const;
  for (const part of ['namespace', 'subsystem'] as const) {
    if (metrics[part] === defaults[part]) continue;
    findings.add('warning', ['metrics', part], 'renames the metrics: alerts and dashboards for rwwwrse_ find nothing');
  }
}

/** Two endpoints of the proxy on one path would hide each other. */
function checkEndpoints(checked: CheckedConfig, findings: Findings): void {
  const owners = new Map<string, string>();
  const health = checked.health.enabled ? (['health', 'readiness', 'liveness'] as const) : [];
  for (const block of [...health, ...(checked.metrics.enabled ? (['metrics'] as const) : [])]) {
    const { path } = checked[block];
    if (!findings.isSound(`${block}.path`)) continue;
    const owner = owners.get(path);
    if (owner !== undefined) {
      const [told, other] = findings.isWritten(`${block}.path`) ? [block, owner] : [owner, block];
      findings.add('error', [told, 'path'], `${path} is the path of ${other}.path too`);
    }
    owners.set(path, owner ?? block);
  }
}
