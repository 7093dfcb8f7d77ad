import type {
  ApplicationLogSettings,
  EndpointSettings,
  ResolvedConfig,
  StaticSettings,
  TrafficSettings,
  UpstreamSettings,
} from '../resolved-config.ts';
import type { CheckedConfig } from '../schema.ts';
import type { Findings } from './findings.ts';
import { resolveListeners } from './resolve-listeners.ts';
import { resolveDefaultBackend, resolveRoutes } from './resolve-routes.ts';

/** Brings a checked configuration into the shape the program reads, and checks the rules between keys. */
export function resolveConfig(checked: CheckedConfig, findings: Findings): ResolvedConfig {
  checkEndpoints(checked, findings);
  return { settings: staticSettings(checked, findings), traffic: trafficSettings(checked, findings) };
}

function staticSettings(checked: CheckedConfig, findings: Findings): StaticSettings {
  return {
    listeners: resolveListeners(checked, findings),
    workers: checked.workers,
    shutdownDelayMs: checked.shutdown.delay,
    shutdownTimeoutMs: checked.shutdown.timeout,
    pidFile: checked.pid_file ?? null,
    accessLog: { enabled: checked.request_logging && checked.access_log.path !== 'off', path: checked.access_log.path },
    log: logSettings(checked),
    bufferBudgetBytes: checked.buffer_budget_bytes,
  };
}

function logSettings({ log, error_stack_trace: stackTrace }: CheckedConfig): ApplicationLogSettings {
  return { level: log.level, format: log.format, output: log.output, stackTrace };
}

function trafficSettings(checked: CheckedConfig, findings: Findings): TrafficSettings {
  return {
    routes: resolveRoutes(checked, findings),
    defaultBackend: resolveDefaultBackend(checked, findings),
    upstream: upstreamSettings(checked),
    endpoints: endpointSettings(checked),
    requestIdHeader: checked.request_id.header,
  };
}

function upstreamSettings({ pool, timeout, preserve_host: preserveHost }: CheckedConfig): UpstreamSettings {
  return {
    maxIdleConnections: pool.max_idle_conns,
    maxIdlePerBackend: pool.max_idle_conns_per_host,
    maxPerBackend: pool.max_conns_per_host,
    idleTimeoutMs: pool.idle_timeout,
    connectTimeoutMs: pool.dial_timeout,
    responseTimeoutMs: timeout,
    bodyIdleTimeoutMs: pool.read_timeout,
    queueTimeoutMs: pool.queue_timeout,
    preserveHost,
  };
}

function endpointSettings(checked: CheckedConfig): EndpointSettings {
  return {
    healthEnabled: checked.health.enabled,
    healthPath: checked.health.path,
    readinessPath: checked.readiness.path,
    livenessPath: checked.liveness.path,
    metricsEnabled: checked.metrics.enabled,
    metricsPath: checked.metrics.path,
    metricsAllow: checked.metrics.allow,
    detailedMetrics: checked.detailed_metrics,
    metricsIntervalMs: checked.metrics.interval,
  };
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
