import { parseAuthority } from '../../base/http/authority.ts';
import type { HealthCheckSettings } from '../../config/resilience-settings.ts';
import type { BackendTarget } from '../../dataplane/upstream/registry.ts';
import type { CheckEndpoint } from './check-connection.ts';
import { httpCheck } from './http-check.ts';
import { tcpCheck } from './tcp-check.ts';
import type { Check } from './check.ts';

/** The check of a backend: it goes the way that requests go, with the same TLS and the same PROXY header. */
export function backendCheck(target: BackendTarget, settings: HealthCheckSettings): Check {
  const { addresses, authority, basePath, policy, name } = target;
  const endpoint: CheckEndpoint = {
    addresses,
    tls: name.startsWith('https:') ? policy.tls : null,
    host: hostOf(authority),
    proxyProtocol: policy.proxyProtocol,
  };
  if (settings.kind === 'tcp') return tcpCheck(() => endpoint, settings.timeoutMs);
  return httpCheck(() => endpoint, { ...settings, target: basePath + settings.path, host: settings.host ?? authority });
}

/** Host of an authority, IPv6 without brackets. */
function hostOf(authority: string): string {
  return (parseAuthority(authority) ?? '').replace(/^\[(.*)\]$/, '$1');
}
