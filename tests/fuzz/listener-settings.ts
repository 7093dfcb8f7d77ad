import type { ListenerSettings } from '../../src/config/resolved-config.ts';

/** A listener with the default limits and no body limit; a client that ended its side still gets its answers. */
export const FUZZ_LISTENER: ListenerSettings = {
  name: 'main',
  address: { kind: 'tcp', host: '127.0.0.1', port: 8080, ipv6Only: false },
  protocol: 'http1',
  role: 'traffic',
  halfClose: true,
  limits: {
    headBytes: 65_536,
    headFields: 100,
    targetBytes: 8_192,
    bodyBytes: 0,
    connectionsPerClient: 0,
    connections: 0,
    requestsPerConnection: 0,
  },
  timeouts: { headerReadMs: 60_000, requestReadMs: 0, idleMs: 60_000, writeMs: 60_000, minimumBytesPerSecond: 0 },
  proxyProtocol: false,
  trustedProxies: [],
};
