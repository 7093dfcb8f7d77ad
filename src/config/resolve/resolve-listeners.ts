import type { ListenEndpoint } from '../../base/net/endpoint-listen.ts';
import type { ListenAddress, ListenerLimits, ListenerSettings, ListenerTimeouts } from '../resolved-config.ts';
import type { CheckedConfig } from '../schema.ts';
import type { Findings } from './findings.ts';

type ListenerItem = NonNullable<CheckedConfig['listeners']>[number];
type LimitSource = Pick<CheckedConfig, Exclude<keyof ListenerItem & keyof CheckedConfig, never>>;

const MAIN = 'main';
const METRICS = 'metrics';

/**
 * All listeners: `listeners` when it is written, else the main one of host and port, and behind them the one for
 * metrics, unless metrics are off or its port is 0 or the port of another listener (SPEC A.11, C3).
 */
export function resolveListeners(checked: CheckedConfig, findings: Findings): ListenerSettings[] {
  const listeners =
    checked.listeners === undefined ? [mainListener(checked)] : listed(checked, checked.listeners, findings);
  checkTrust(['trust_proxy'], checked.trust_proxy, findings);
  listeners.forEach((listener, index) => {
    const path = checked.listeners === undefined ? ['proxy_protocol'] : ['listeners', index, 'proxy_protocol'];
    checkProxyProtocol(path, listener, findings);
  });
  const { port, enabled } = checked.metrics;
  const isTaken = listeners.some(({ address }) => address.kind === 'tcp' && address.port === port);
  if (enabled && port !== 0 && !isTaken) listeners.push(operationsListener(checked, port));
  return listeners;
}

function mainListener(checked: CheckedConfig): ListenerSettings {
  const address: ListenAddress = { kind: 'tcp', host: checked.host, port: checked.port, ipv6Only: false };
  return { name: MAIN, address, protocol: 'http1', role: 'traffic', ...settingsOf(checked) };
}

function operationsListener(checked: CheckedConfig, port: number): ListenerSettings {
  return {
    ...mainListener(checked),
    name: METRICS,
    role: 'operations',
    // Whoever scrapes metrics from a trusted network talks plain HTTP.
    proxyProtocol: false,
    address: { kind: 'tcp', host: checked.host, port, ipv6Only: false },
  };
}

function listed(checked: CheckedConfig, items: readonly ListenerItem[], findings: Findings): ListenerSettings[] {
  for (const key of ['host', 'port']) {
    const isUsed = key === 'host' && checked.metrics.enabled && checked.metrics.port !== 0;
    if (findings.isWritten(key) && !isUsed) findings.add('warning', [key], 'is not used, since listeners is written');
  }
  const names = new Map<string, number>([[METRICS, -1]]);
  const addresses = new Map<string, number>();
  return items.map((item, index) => {
    claim(names, item.name, index, (other) => {
      const message =
        other < 0 ? `the name ${METRICS} is taken by metrics.port` : `has the name of listeners[${other}]`;
      findings.add('error', ['listeners', index, 'name'], message);
    });
    claim(addresses, addressKey(item.address), index, (other) => {
      findings.add('error', ['listeners', index, 'address'], `has the address of listeners[${other}]`);
    });
    if (item.trust_proxy !== undefined) checkTrust(['listeners', index, 'trust_proxy'], item.trust_proxy, findings);
    return listedListener(checked, item);
  });
}

/** Two listeners with port 0 are two different ports. */
function addressKey(address: ListenEndpoint): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return address.port === 0 ? '' : `${address.host} ${address.port}`;
}

function claim(owners: Map<string, number>, key: string, index: number, onTaken: (other: number) => void): void {
  const other = owners.get(key);
  if (other !== undefined && key !== '') onTaken(other);
  else owners.set(key, index);
}

function listedListener(checked: CheckedConfig, item: ListenerItem): ListenerSettings {
  const written = Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));
  return {
    name: item.name,
    address:
      item.address.kind === 'unix'
        ? { ...item.address, mode: item.mode }
        : { ...item.address, ipv6Only: item.ipv6_only },
    protocol: item.protocol,
    role: 'traffic',
    ...settingsOf({ ...checked, ...written }),
  };
}

function settingsOf(
  source: LimitSource,
): Pick<ListenerSettings, 'halfClose' | 'limits' | 'timeouts' | 'trustedProxies' | 'proxyProtocol'> {
  return {
    halfClose: source.half_close,
    limits: limitsOf(source),
    timeouts: timeoutsOf(source),
    proxyProtocol: source.proxy_protocol,
    trustedProxies: source.trust_proxy,
  };
}

function limitsOf(source: LimitSource): ListenerLimits {
  return {
    headBytes: source.max_header_bytes,
    headFields: source.max_header_count,
    targetBytes: source.max_target_bytes,
    bodyBytes: source.max_body_bytes,
    connectionsPerClient: source.max_connections_per_client,
    connections: source.max_connections,
    requestsPerConnection: source.max_requests_per_connection,
  };
}

function timeoutsOf(source: LimitSource): ListenerTimeouts {
  return {
    headerReadMs: source.read_header_timeout,
    requestReadMs: source.read_timeout,
    idleMs: source.idle_timeout,
    writeMs: source.write_timeout,
    minimumBytesPerSecond: source.min_data_rate,
  };
}

/** Only trusted peers are asked for a PROXY header: from anybody else it would be a claim. */
function checkProxyProtocol(path: readonly PropertyKey[], listener: ListenerSettings, findings: Findings): void {
  if (listener.proxyProtocol && listener.trustedProxies.length === 0)
    findings.add('warning', path, 'is on, and trust_proxy names nobody whose connections begin with a PROXY header');
}

function checkTrust(path: readonly PropertyKey[], networks: readonly string[], findings: Findings): void {
  const all = networks.find((network) => network.endsWith('/0'));
  if (all === undefined) return;
  findings.add('warning', path, `${all} lets every client choose its own address by X-Forwarded-For`);
}
