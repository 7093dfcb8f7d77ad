import { formatTarget, parseTarget, targetAuthority, type TargetEndpoint } from '../../base/net/endpoint.ts';
import type { BackendPolicy } from '../../config/resilience-settings.ts';
import type { TargetSettings } from '../../config/route-settings.ts';
import type { PlannedTarget } from '../../dataplane/snapshot/traffic-plan.ts';
import type { BackendTarget } from '../../dataplane/upstream/registry.ts';
import type { NameLookup } from './name-lookup.ts';
import type { SeriesNames } from './series-names.ts';

/** Says where in shared memory the state of a backend is, by the index of its series. */
export interface Places {
  placeOf(backend: number): number;
}

/** What targets are planned with. */
export interface TargetPlanning {
  readonly policy: BackendPolicy;
  readonly names: SeriesNames;
  readonly places: Places;
  readonly lookup: NameLookup;
}

/** Asks for the names of all targets at the same time, so that a plan waits for the slowest of them, not for their sum. */
export async function learnNames(targets: readonly TargetSettings[], lookup: NameLookup): Promise<void> {
  const urls = new Set(targets.map(({ url }) => url));
  await Promise.all(Array.from(urls, (url) => learnName(url, lookup)));
}

async function learnName(url: string, lookup: NameLookup): Promise<void> {
  const { kind, host } = endpointOf(url);
  if (kind === 'host' || kind === 'dns') await lookup.addresses(host);
  if (kind !== 'srv') return;
  const services = await lookup.services(host);
  await Promise.all(services.map((service) => lookup.addresses(service.host)));
}

function endpointOf(url: string): TargetEndpoint {
  const parsed = parseTarget(url);
  if (!('value' in parsed)) throw new Error(`target ${url} ${parsed.problem}`);
  return parsed.value;
}

/**
 * The backends of a written target with their weights: one, all addresses of which are the same backend, or with `dns+` and
 * `srv+` one for each address or record that is known now, and one without an address as long as nothing is known.
 */
export async function planTarget(target: TargetSettings, planning: TargetPlanning): Promise<readonly PlannedTarget[]> {
  const endpoint = endpointOf(target.url);
  if (endpoint.kind === 'dns') return planAddresses(endpoint, target.weight, planning);
  if (endpoint.kind === 'srv') return planServices(endpoint, target.weight, planning);
  return [{ backend: await planBackend(endpoint, targetAuthority(endpoint), planning), weight: target.weight }];
}

/** Every address is a backend of its own, which is asked for by the name that was written. */
async function planAddresses(
  endpoint: TargetEndpoint,
  weight: number,
  planning: TargetPlanning,
): Promise<readonly PlannedTarget[]> {
  const addresses = await planning.lookup.addresses(endpoint.host);
  if (addresses.length === 0) return [{ backend: unresolved(endpoint, planning), weight }];
  return addresses.map((host) => {
    const own: TargetEndpoint = { ...endpoint, kind: 'host', host };
    const at = [{ host, port: endpoint.port }];
    return {
      backend: backendOf(own, { authority: targetAuthority(endpoint), tlsHost: endpoint.host, at }, planning),
      weight,
    };
  });
}

/** Every record is a backend of its own, with its weight in place of one that was not written. */
async function planServices(
  endpoint: TargetEndpoint,
  weight: number,
  planning: TargetPlanning,
): Promise<readonly PlannedTarget[]> {
  const services = await planning.lookup.services(endpoint.host);
  if (services.length === 0) return [{ backend: unresolved(endpoint, planning), weight }];
  const largest = Math.max(...services.map((service) => service.weight * weight));
  const scale = Math.max(1, largest / MAX_WEIGHT);
  return Promise.all(
    services.map(async ({ host, port, weight: share }) => {
      const own: TargetEndpoint = { ...endpoint, kind: 'host', host, port };
      const backend = await planBackend(own, targetAuthority(own), planning);
      return { backend, weight: weight === 0 ? 0 : Math.max(1, Math.round((share * weight) / scale)) };
    }),
  );
}

/** Largest weight that balancers take. */
const MAX_WEIGHT = 65_535;

async function planBackend(
  endpoint: TargetEndpoint,
  authority: string,
  planning: TargetPlanning,
): Promise<BackendTarget> {
  const { host, port, kind } = endpoint;
  const found = kind === 'unix' ? [] : await planning.lookup.addresses(host);
  const at = kind === 'unix' ? [{ path: host }] : found.map((address) => ({ host: address, port }));
  return backendOf(endpoint, { authority, tlsHost: host, at }, planning);
}

function unresolved(endpoint: TargetEndpoint, planning: TargetPlanning): BackendTarget {
  return backendOf(endpoint, { authority: targetAuthority(endpoint), tlsHost: endpoint.host, at: [] }, planning);
}

/** Where a backend is and how it is asked for. */
interface BackendPlace {
  readonly authority: string;
  readonly tlsHost: string;
  readonly at: BackendTarget['addresses'];
}

function backendOf(
  endpoint: TargetEndpoint,
  { authority, tlsHost, at }: BackendPlace,
  planning: TargetPlanning,
): BackendTarget {
  const { policy, names, places } = planning;
  const name = formatTarget(endpoint);
  const tlsName = endpoint.scheme === 'https' ? (policy.tls.serverName ?? tlsHost) : null;
  const index = names.backend(name, JSON.stringify([authority, tlsName, names.policy(policy)]));
  return {
    index,
    series: names.backendSeries(name),
    place: places.placeOf(index),
    name,
    authority,
    basePath: endpoint.basePath,
    addresses: at,
    tlsName,
    policy,
  };
}
