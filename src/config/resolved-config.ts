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
  readonly accessLog: AccessLogSettings;
  readonly log: ApplicationLogSettings;
  /** Bytes of buffered request and response data that one worker may hold before it refuses new connections with 503. */
  readonly bufferBudgetBytes: number;
}

/** The access log (SPEC E.1). */
export interface AccessLogSettings {
  readonly enabled: boolean;
  /** A file path or `stdout`. */
  readonly path: string;
  readonly format: 'combined' | 'json';
  /** Fields of a JSON line in their order. */
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

export interface TargetSettings {
  /** Scheme, host and port as configured, path included: `http://127.0.0.1:9000/base`. */
  readonly url: string;
  readonly weight: number;
}

/** What a request must be like for a route to take it; every part must hold. */
export interface RouteMatch {
  /** Lower case host, `*.domain`, or `*` = any. */
  readonly host: string;
  /** `prefix` is matched on segment borders (`/` = all), `exact` takes this path alone. No trailing slash but in `/`. */
  readonly path: { readonly kind: 'prefix' | 'exact'; readonly value: string };
  /** Method tokens; empty = any. */
  readonly methods: readonly string[];
  /** All must hold. */
  readonly headers: readonly HeaderMatch[];
  /** Among the routes of one host the highest goes first, before the more specific path; default 0. */
  readonly priority: number;
}

/** One condition on a request field; several fields of one name count as their values joined by `, `. */
export interface HeaderMatch {
  /** Lower case. */
  readonly name: string;
  readonly kind: 'exact' | 'prefix' | 'regex' | 'present' | 'absent';
  /** The value, prefix or source of the regular expression (matched against the whole value); empty for the other kinds. */
  readonly value: string;
}

/** Changes of a head's fields, in this order: remove, set, add. Names as written. */
export interface HeaderChanges {
  readonly set: readonly (readonly [name: string, value: string])[];
  readonly add: readonly (readonly [name: string, value: string])[];
  readonly remove: readonly string[];
}

/** What replaces a path: all of it, or the part that the route's prefix took. */
export interface PathChange {
  readonly kind: 'full' | 'prefix';
  readonly value: string;
}

/** Answer of a route that redirects instead of proxying. What is null stays as the client sent it. */
export interface RedirectSettings {
  readonly status: 301 | 302 | 303 | 307 | 308;
  readonly scheme: 'http' | 'https' | null;
  readonly host: string | null;
  /** Null = the port of the request when the scheme stays, else the scheme's own. */
  readonly port: number | null;
  readonly path: PathChange | null;
}

export type BalancingStrategy = 'round_robin' | 'least_conn' | 'ip_hash' | 'consistent_hash' | 'random_two';

/** What consistent_hash looks at. `name` is the field or cookie. */
export type HashSource =
  | { readonly kind: 'address' | 'path' }
  | { readonly kind: 'header' | 'cookie'; readonly name: string };

export interface BalancingSettings {
  readonly strategy: BalancingStrategy;
  readonly hashOn: HashSource;
  /** Name of the cookie that keeps a client at its backend, or null. */
  readonly stickyCookie: string | null;
  /** Life of the cookie in seconds; 0 = the browser's session. */
  readonly stickyMaxAgeSeconds: number;
}

export interface RouteSettings {
  readonly name: string;
  readonly match: RouteMatch;
  /** Empty when `redirect` answers. */
  readonly targets: readonly TargetSettings[];
  readonly redirect: RedirectSettings | null;
  readonly rewritePath: PathChange | null;
  /** Host field for the backend instead of the client's or the backend's own, or null. */
  readonly rewriteHost: string | null;
  readonly requestHeaders: HeaderChanges;
  readonly responseHeaders: HeaderChanges;
  readonly balancing: BalancingSettings;
  /** Response-header timeout of the route's backends, ms. */
  readonly timeoutMs: number;
  /** From the complete request head to the end of the answer; 0 = off. Tunnels are left alone. */
  readonly requestTimeoutMs: number;
  readonly stripPath: boolean;
  readonly preserveHost: boolean;
  /** `pass`: a path that can be read in two ways is forwarded as it came, when both readings lead to this route. */
  readonly ambiguousPath: 'refuse' | 'pass';
  /** Whether its requests are written to the access log. */
  readonly accessLog: boolean;
  /** Bodies of error answers by status (`404`) or class (`5xx`), the status's own first. */
  readonly errorPages: readonly ErrorPage[];
}

/** A route's own answer to an error that the proxy makes. */
export interface ErrorPage {
  /** `404` or `5xx`. */
  readonly status: string;
  readonly contentType: string;
  /** The page itself, read when the configuration was loaded; `{{status}}`, `{{error}}`, `{{code}}` and `{{request_id}}` are filled in. */
  readonly body: string;
}

/** A request in the configuration with the route that it must take (`tests:`). */
export interface RoutingTest {
  readonly method: string;
  /** `http` or `https` URL. */
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Name of the expected route, `default` for the default backend, or null = none takes it. */
  readonly route: string | null;
  /** Where it was written, for the report: `config.yaml:12:5`. */
  readonly origin: string;
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
}

export interface EndpointSettings {
  readonly healthEnabled: boolean;
  readonly healthPath: string;
  readonly readinessPath: string;
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
