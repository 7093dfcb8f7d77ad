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
  readonly accessLog: AccessLogSettings;
  readonly log: ApplicationLogSettings;
  /** Bytes of buffered request and response data that one worker may hold before it refuses new connections with 503. */
  readonly bufferBudgetBytes: number;
}

export interface AccessLogSettings {
  readonly enabled: boolean;
  /** A file path or `stdout`. */
  readonly path: string;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface ApplicationLogSettings {
  readonly level: LogLevel;
  readonly format: 'json' | 'text';
  /** `stdout`, `stderr` or a file path. */
  readonly output: string;
  readonly stackTrace: boolean;
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
  readonly upstream: UpstreamSettings;
  readonly endpoints: EndpointSettings;
  readonly requestIdHeader: string;
}

export interface TargetSettings {
  /** Scheme, host and port as configured, path included: `http://127.0.0.1:9000/base`. */
  readonly url: string;
  readonly weight: number;
}

export interface RouteSettings {
  readonly name: string;
  /** Lower case host, `*.domain`, or `*` = any. */
  readonly host: string;
  /** Path prefix, matched on segment borders; `/` = all. */
  readonly pathPrefix: string;
  readonly targets: readonly TargetSettings[];
  /** Response-header timeout of the route's backends, ms. */
  readonly timeoutMs: number;
  readonly stripPath: boolean;
  readonly preserveHost: boolean;
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
}

export interface EndpointSettings {
  readonly healthEnabled: boolean;
  readonly healthPath: string;
  readonly readinessPath: string;
  readonly livenessPath: string;
  readonly metricsEnabled: boolean;
  readonly metricsPath: string;
  /** Addresses besides loopback that may read `/metrics` on a traffic listener. */
  readonly metricsAllow: readonly string[];
  readonly detailedMetrics: boolean;
  /** Sampling period of gauges, ms. */
  readonly metricsIntervalMs: number;
}
