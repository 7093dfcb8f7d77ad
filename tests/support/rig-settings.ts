import type { ListenerLimits, ListenerSettings, ListenerTimeouts } from '../../src/config/resolved-config.ts';
import type { PoolLimits } from '../../src/dataplane/upstream/pool.ts';

/** What a test changes about a listener. */
export interface ListenerChanges {
  readonly protocol?: ListenerSettings['protocol'];
  readonly halfClose?: boolean;
  readonly trustedProxies?: readonly string[];
  readonly proxyProtocol?: boolean;
  readonly limits?: Partial<ListenerLimits>;
  readonly timeouts?: Partial<ListenerTimeouts>;
}

/** Pool limits of the product's defaults, undivided. */
export const POOL_LIMITS: PoolLimits = {
  maxIdle: 100,
  maxIdleInAll: 100,
  maxConnections: 100,
  idleTimeoutMs: 90_000,
  connectTimeoutMs: 10_000,
  queueTimeoutMs: 10_000,
  bodyIdleTimeoutMs: 300_000,
};

const LIMITS: ListenerLimits = {
  headBytes: 65_536,
  headFields: 100,
  targetBytes: 8_192,
  bodyBytes: 0,
  connectionsPerClient: 0,
  connections: 0,
  requestsPerConnection: 0,
};

const TIMEOUTS: ListenerTimeouts = {
  headerReadMs: 10_000,
  requestReadMs: 30_000,
  idleMs: 120_000,
  writeMs: 30_000,
  minimumBytesPerSecond: 240,
};

/** A loopback listener with the product's defaults and a test's changes. */
export function listenerSettings(port: number, changes: ListenerChanges): ListenerSettings {
  return {
    name: 'rig',
    address: { kind: 'tcp', host: '127.0.0.1', port, ipv6Only: false },
    protocol: changes.protocol ?? 'http1',
    role: 'traffic',
    halfClose: changes.halfClose ?? false,
    limits: { ...LIMITS, ...changes.limits },
    timeouts: { ...TIMEOUTS, ...changes.timeouts },
    trustedProxies: changes.trustedProxies ?? [],
    proxyProtocol: changes.proxyProtocol ?? false,
  };
}
