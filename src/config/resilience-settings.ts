/** Inclusive range of statuses. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** Active checks of a backend (SPEC F, Active health). */
export interface HealthCheckSettings {
  /** `http`: a request and its answer; `tcp`: a connection is enough. */
  readonly kind: 'http' | 'tcp';
  readonly method: string;
  /** Path and query, without the backend's base path. */
  readonly path: string;
  /** Host field; null = the backend's own authority. */
  readonly host: string | null;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Failures in a row that make a backend unhealthy. */
  readonly unhealthyThreshold: number;
  /** Successes in a row that make it healthy again. */
  readonly healthyThreshold: number;
  readonly expectedStatuses: readonly StatusRange[];
  /** Text that the body must hold in its first 64 KiB; null = any body. */
  readonly expectedBody: string | null;
  /** What a backend counts as until its first check ended. */
  readonly initial: 'healthy' | 'unhealthy';
}

/** When live traffic ejects a backend, and for how long (SPEC F; docs/passive-health.md). */
export interface PassiveHealthSettings {
  /** Failures in a row; 0 = not looked at. */
  readonly consecutiveFailures: number;
  /** Share of failed attempts, 0 to 1, within `windowMs` and from `minRequests` on; 0 = not looked at. */
  readonly failureShare: number;
  readonly windowMs: number;
  readonly minRequests: number;
  /** First ejection; the second one in a row takes twice as long, the third three times, up to `maxEjectMs`. */
  readonly ejectMs: number;
  readonly maxEjectMs: number;
  /** Never more than this share of a group, 0 to 1, is ejected at a time; one of two or more may always be. */
  readonly maxEjectedShare: number;
}

/** Circuit breaker of a backend (SPEC F; SPEC A.11 C17). */
export interface BreakerSettings {
  /** Failures in a row that open it. */
  readonly threshold: number;
  /** Open for so long before trial requests are let through. */
  readonly openMs: number;
  /** Most trial requests at a time while half-open. */
  readonly maxTrials: number;
  /** Successful trials that close it; a failed one opens it again. */
  readonly successThreshold: number;
}

/** How connections to HTTPS backends are secured. */
export interface BackendTlsSettings {
  /** false: any certificate is taken. */
  readonly verify: boolean;
  /** PEM certificates that are trusted in place of the system's; null = the system's. */
  readonly ca: string | null;
  /** Client certificate and its key, PEM; both or neither. */
  readonly certificate: string | null;
  readonly key: string | null;
  /** Server name that is asked for and verified; null = the target's host. */
  readonly serverName: string | null;
}

/** What holds for the backends of a route, however many requests use them. Two routes with equal policies share a backend. */
export interface BackendPolicy {
  /** Null = not checked. */
  readonly healthCheck: HealthCheckSettings | null;
  readonly passiveHealth: PassiveHealthSettings | null;
  readonly breaker: BreakerSettings | null;
  /** A backend that comes back gets its share of requests little by little; 0 = all at once. */
  readonly slowStartMs: number;
  readonly tls: BackendTlsSettings;
  /** Version of the PROXY header that every connection begins with; 0 = none. */
  readonly proxyProtocol: 0 | 1 | 2;
}

/** Why a request may be sent again (docs/retries.md). */
export type RetryCause = 'connect' | 'reset' | 'timeout' | '502' | '503' | '504' | '429';

/** Retries of a route (SPEC F, Retries). */
export interface RetrySettings {
  /** Attempts in all, the first included; 1 = no retry. */
  readonly attempts: number;
  readonly causes: readonly RetryCause[];
  /** true: methods that are not idempotent are sent again, too (RFC 9110 9.2.2). */
  readonly anyMethod: boolean;
  /** Wait before the second attempt, multiplied for each further one up to `maxIntervalMs`; each is shortened at random. */
  readonly initialIntervalMs: number;
  readonly maxIntervalMs: number;
  readonly multiplier: number;
  /** Longest wait of one attempt for the head of an answer; 0 = the route's timeout alone. */
  readonly perTryTimeoutMs: number;
  /** Bytes of a request body that are kept for another attempt; a longer body is sent once. */
  readonly bodyLimitBytes: number;
}

/** What all retries of the program may add to the load of backends (token bucket). */
export interface RetryBudgetSettings {
  /** Share of the requests of the last 10 s. */
  readonly share: number;
  /** Besides the share, per second. */
  readonly minPerSecond: number;
}

/** How names of backends are looked up. */
export interface DiscoverySettings {
  /** A shorter TTL is taken for this. */
  readonly minTtlMs: number;
  /** A longer TTL is taken for this. */
  readonly maxTtlMs: number;
  /** Name servers, `address` or `address:port`; empty = the system's. */
  readonly servers: readonly string[];
  readonly timeoutMs: number;
}

/** A thing besides backends that the program needs (`checks` of the health endpoint, SPEC B). */
export interface DependencySettings {
  /** `database`, `redis`, `external_api`, or a name of the configuration. */
  readonly name: string;
  readonly kind: 'postgres' | 'redis' | 'http' | 'tcp';
  /** URL of the dependency, with its secrets. */
  readonly url: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly unhealthyThreshold: number;
  readonly healthyThreshold: number;
  readonly expectedStatuses: readonly StatusRange[];
  /** Whether its failure makes the program unready and unhealthy; else degraded. */
  readonly required: boolean;
}

/** How the running program takes a changed configuration. */
export interface ReloadSettings {
  /** Watch the configuration's files. */
  readonly watch: boolean;
  /** File that keeps the last configuration that was taken; null = none. */
  readonly lastGoodPath: string | null;
  /** Start with the last good configuration when the written one is refused. */
  readonly fallsBack: boolean;
}
