import type { HealthCheckSettings } from '../../config/resilience-settings.ts';
import type { BackendTarget } from '../../dataplane/upstream/registry.ts';
import type { CheckEndpoint } from './check-connection.ts';
import { httpCheck } from './http-check.ts';
import { tcpCheck } from './tcp-check.ts';
import type { Check } from './check.ts';

/** The check of a backend: it goes the way that requests go, with the same TLS and the same PROXY header. */
export function backendCheck(target: BackendTarget, settings: HealthCheckSettings): Check {
  const { addresses, authority, basePath, policy, tlsName } = target;
  const endpoint: CheckEndpoint = {
    addresses,
    tls: tlsName === null ? null : { ...policy.tls, serverName: tlsName, protocols: ['http/1.1'] },
    proxyProtocol: policy.proxyProtocol,
  };
  if (settings.kind === 'tcp') return tcpCheck(() => endpoint, settings.timeoutMs);
  return httpCheck(() => endpoint, { ...settings, target: basePath + settings.path, host: settings.host ?? authority });
}
