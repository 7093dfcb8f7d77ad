import type { BackendPolicy, RetrySettings } from '../../src/config/resilience-settings.ts';

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
