import type {
  BackendPolicy,
  DependencySettings,
  DiscoverySettings,
  ReloadSettings,
  RetryBudgetSettings,
  RetrySettings,
} from './resilience-settings.ts';
import type { BalancingSettings, RouteSettings, RoutingTest, TargetSettings } from './route-settings.ts';

import type { AccessField } from './access-fields.ts';

/**
 * The frozen configuration that the rest of the program reads. Everything here is plain data (structured-cloneable), so that
 * it crosses to worker threads as it is; workers import these types only and never load the schema library.
 */
export interface ResolvedConfig {
  readonly settings: StaticSettings;
  readonly traffic: TrafficSettings;
}

/** Settings that need a restart to change: ports, threads, log sinks (DESIGN.md 4). */
export interface StaticSettings {
  readonly listeners: readonly ListenerSettings[];
  /** Worker threads; `null` = by the formula min(cores, CPU quota, (cgroup memory - 160 MB) / 64 MB). */
  readonly workers: number | null;
  /** Wait with `/ready` 503 before the listeners close (SPEC F). */
  readonly shutdownDelayMs: number;
  /** Longest drain after the listeners closed (SPEC F). */
  readonly shutdownTimeoutMs: number;
  readonly pidFile: string | null;
  /** How long a new version may take until it serves (`rwwwrse upgrade`). */
  readonly upgradeTimeoutMs: number;
  readonly accessLog: AccessLogSettings;
  readonly log: ApplicationLogSettings;
  /** Bytes of buffered request and response data that one worker may hold before it refuses new connections with 503. */
  readonly bufferBudgetBytes: number;
  readonly reload: ReloadSettings;
}

/** The access log (SPEC E.1). */
export interface AccessLogSettings {
  readonly enabled: boolean;
  /** A file path or `stdout`. */
  readonly path: string;
  readonly format: 'combined' | 'json';
  /** Fields of a JSON line in their order; of a combined line those that it gets besides its own. */
  readonly fields: readonly AccessField[];
  /** Share of requests that went well (status below 400, not slow) that is written, 0 to 1. */
  readonly sample: number;
  /** Paths that are never written, and what is below them on segment borders. */
  readonly excludePaths: readonly string[];
  readonly rotation: LogRotation;
}

/** When a log file is moved away and begun anew. */
export interface LogRotation {
  /** Bytes; 0 = never. */
  readonly maxBytes: number;
  /** Old files that stay, `.1` being the youngest. */
  readonly keep: number;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface ApplicationLogSettings {
  readonly level: LogLevel;
  readonly format: 'json' | 'text';
  /** `stdout`, `stderr` or a file path. */
  readonly output: string;
  readonly rotation: LogRotation;
  /** Error lines carry `stack`. */
  readonly stackTrace: boolean;
  /** Lines carry `time`. */
  readonly timestamp: boolean;
  /** Lines carry `caller`, the place in the program. */
  readonly caller: boolean;
  /** Lines carry `severity`, Google Cloud's word for the level. */
  readonly severity: boolean;
  /** One info line per routed request. */
  readonly requests: boolean;
  /** A request that took this long, ms, is a warning; 0 = off. */
  readonly slowRequestMs: number;
  readonly capture: CaptureSettings;
  /** Names of fields whose values are secret, besides the built-in ones; `*` stands for any text. */
  readonly redact: readonly string[];
}

/** What debug lines show of requests and answers; nothing at a level above debug. */
export interface CaptureSettings {
  readonly requestHeaders: boolean;
  readonly responseHeaders: boolean;
  readonly requestBody: boolean;
  readonly responseBody: boolean;
  /** Bytes of a body that are shown. */
  readonly bodyLimitBytes: number;
}

/** Where a listener binds. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly ipv6Only: boolean }
  | { readonly kind: 'unix'; readonly path: string; readonly mode: number };

export interface ListenerSettings {
  /** Unique; `main` for the listener made of RWWWRSE_HOST and RWWWRSE_PORT, `metrics` for the one of RWWWRSE_METRICS_PORT. */
  readonly name: string;
  readonly address: ListenAddress;
  readonly protocol: 'http1' | 'h2c';
  /** `traffic` proxies; `operations` answers the reserved endpoints only (always owns them, 404 for all else). */
  readonly role: 'traffic' | 'operations';
  /** true: a client that closed its sending side still gets its answer; false: that is an abort, 499 (DESIGN.md 5). */
  readonly halfClose: boolean;
  readonly limits: ListenerLimits;
  readonly timeouts: ListenerTimeouts;
  /** CIDRs whose X-Forwarded-* are believed; empty = nobody's. */
  readonly trustedProxies: readonly string[];
  /** true: connections of trusted peers begin with a PROXY header. */
  readonly proxyProtocol: boolean;
}

/** Limits of SPEC A.1; every one has a status in the error catalogue. 0 = no limit where it says so. */
export interface ListenerLimits {
  /** All bytes of a request head; 431 beyond. */
  readonly headBytes: number;
  /** Fields in a request head; 431 beyond. */
  readonly headFields: number;
  /** Bytes of the request target; 414 beyond. */
  readonly targetBytes: number;
  /** Bytes of a request body, 0 = no limit; 413 beyond. */
  readonly bodyBytes: number;
  /** Open connections of one client address over all workers, 0 = no limit; 429 and close beyond. */
  readonly connectionsPerClient: number;
  /** Open connections over all workers, 0 = no limit; 503 and close beyond. */
  readonly connections: number;
  /** Requests on one connection before it is closed politely, 0 = no limit. */
  readonly requestsPerConnection: number;
}

export interface ListenerTimeouts {
  /** From the first byte of a head to its end; 408 beyond. */
  readonly headerReadMs: number;
  /** From the first byte of a head to the end of the request body; 408 beyond; 0 = off. */
  readonly requestReadMs: number;
  /** Between two requests of a connection. */
  readonly idleMs: number;
  /** Without any progress while an answer is being written. */
  readonly writeMs: number;
  /** Lowest average rate of a request body after a grace of five seconds, bytes/s; 0 = off; 408 beyond. */
  readonly minimumBytesPerSecond: number;
}

/** Settings that a reload may change. */
export interface TrafficSettings {
  readonly routes: readonly RouteSettings[];
  /** Targets of requests that no route takes; empty = 404 host_not_configured. */
  readonly defaultBackend: readonly TargetSettings[];
  /** Hosts whose requests may go to the default backend; `*` alone = all. */
  readonly defaultHosts: readonly string[];
  /** Balancing of the default backend. */
  readonly defaultBalancing: BalancingSettings;
  /** Key of the signature of sticky cookies; null = made anew at every start. */
  readonly stickySecret: string | null;
  readonly tests: readonly RoutingTest[];
  readonly upstream: UpstreamSettings;
  readonly endpoints: EndpointSettings;
  readonly requestId: RequestIdSettings;
  readonly dependencies: readonly DependencySettings[];
  readonly discovery: DiscoverySettings;
  readonly retryBudget: RetryBudgetSettings;
}

/** How requests get the id that logs, errors, backends and clients have in common. */
export interface RequestIdSettings {
  /** false: logs have an id all the same, but nothing is sent and a client's own field is left alone. */
  readonly enabled: boolean;
  /** Field that carries it, both ways. */
  readonly header: string;
  /** `counter`: a random prefix and a counter, unique and cheap; `uuid`: a random UUID. */
  readonly generator: 'counter' | 'uuid';
}

export interface UpstreamSettings {
  /** Idle connections kept in all (RWWWRSE_POOL_MAX_IDLE_CONNS). */
  readonly maxIdleConnections: number;
  /** Idle connections kept per backend. */
  readonly maxIdlePerBackend: number;
  /** Hard cap of connections per backend. */
  readonly maxPerBackend: number;
  readonly idleTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** Default response-header timeout (RWWWRSE_TIMEOUT). */
  readonly responseTimeoutMs: number;
  /** Longest silence in the middle of a response body. */
  readonly bodyIdleTimeoutMs: number;
  /** Longest wait in the queue for a connection when a backend is at `maxPerBackend`. */
  readonly queueTimeoutMs: number;
  readonly preserveHost: boolean;
  /** Default limit of a whole exchange; 0 = none. */
  readonly requestTimeoutMs: number;
  /** What happens to a path with two readings where a route says nothing else. */
  readonly ambiguousPath: 'refuse' | 'pass';
  /** What holds for backends whose route says nothing else. */
  readonly backends: BackendPolicy;
  readonly retry: RetrySettings;
  readonly tunnelIdleMs: number;
}

export interface EndpointSettings {
  readonly healthEnabled: boolean;
  readonly healthPath: string;
  readonly readinessPath: string;
  /** Not ready while none of the checked backends is healthy. */
  readonly readinessRequiresBackends: boolean;
  readonly livenessPath: string;
  readonly metricsEnabled: boolean;
  readonly metricsPath: string;
  /** `/debug/backends` exists. */
  readonly debugEnabled: boolean;
  /** Addresses besides loopback that may read `/metrics` on a traffic listener. */
  readonly metricsAllow: readonly string[];
  readonly detailedMetrics: boolean;
  /** Sampling period of gauges, ms. */
  readonly metricsIntervalMs: number;
  /** What metric names begin with instead of `rwwwrse_`; ends with `_`. */
  readonly metricsPrefix: string;
}
