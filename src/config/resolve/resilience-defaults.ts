import type {
  BackendPolicy,
  DiscoverySettings,
  ReloadSettings,
  RetryBudgetSettings,
  RetrySettings,
} from '../resilience-settings.ts';

/** Backends that nobody watches and everybody trusts. */
export const PLAIN_POLICY: BackendPolicy = {
  healthCheck: null,
  passiveHealth: null,
  breaker: null,
  slowStartMs: 0,
  tls: { verify: true, ca: null, certificate: null, key: null, serverName: null },
  proxyProtocol: 0,
};

/** Every request is sent once. */
export const NO_RETRY: RetrySettings = {
  attempts: 1,
  causes: [],
  anyMethod: false,
  initialIntervalMs: 25,
  maxIntervalMs: 1_000,
  multiplier: 2,
  perTryTimeoutMs: 0,
  bodyLimitBytes: 65_536,
};

/** Issue-wide defaults of what no key sets yet. */
export const DISCOVERY: DiscoverySettings = { minTtlMs: 5_000, maxTtlMs: 300_000, servers: [], timeoutMs: 5_000 };
export const RETRY_BUDGET: RetryBudgetSettings = { share: 0.2, minPerSecond: 10 };
export const RELOAD: ReloadSettings = { watch: false, lastGoodPath: null, fallsBack: false };
