import type { LookupAddress, promises } from 'node:dns';
import { isIP } from 'node:net';
import { normalizeAddress } from '../../base/net/cidr.ts';
import type { DiscoverySettings } from '../../config/resilience-settings.ts';
import { type MachineNames, MachineNamesReader } from './machine-names.ts';
import type { NameAnswer, NameSource, ServiceRecord } from './name-source.ts';
import { Turnstile } from './turnstile.ts';

type AddressAnswer = NameAnswer<readonly string[]>;

/** Look-ups at a time: more datagrams than a name server's buffer holds would be lost. */
const MAX_QUERIES = 64;
/** Look-ups by the system at a time: each holds one of the four threads of libuv's pool for as long as it hangs. */
const MAX_SYSTEM_LOOKUPS = 2;
/** Once the IPv4 addresses are known, how much longer the IPv6 ones may take: some name servers never answer for them. */
const IPV6_GRACE_MS = 500;
/** The first try takes a third and the second one twice as long: together the whole time. */
const FIRST_TRY_SHARE = 1 / 3;
const ABSENT: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA']);
/** Nobody was asked, or nobody there knows names: what the system knows besides DNS may still help. */
const NO_SERVER: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EREFUSED', 'ESERVFAIL', 'ENOTIMP']);

/**
 * Looks names up: the hosts file, then name servers, A and AAAA at the same time, then whatever else the system asks (search
 * domains, mDNS, container names). The last step is left out where name servers are configured: those alone are to be asked.
 */
export class DnsSource implements NameSource {
  private readonly settings: DiscoverySettings;
  private readonly machine: Pick<MachineNamesReader, 'current'>;
  private readonly queries: Turnstile = new Turnstile(MAX_QUERIES);
  private readonly systemLookups: Turnstile = new Turnstile(MAX_SYSTEM_LOOKUPS);
  private readonly systemAnswers: Map<string, Promise<AddressAnswer>> = new Map();
  private resolver: promises.Resolver | null = null;
  private resolverStamp = '';

  constructor(settings: DiscoverySettings, machine: Pick<MachineNamesReader, 'current'> = new MachineNamesReader()) {
    this.settings = settings;
    this.machine = machine;
  }

  async addresses(host: string): Promise<AddressAnswer> {
    if (isIP(host) !== 0) return { kind: 'found', value: [host], ttlMs: Infinity };
    // Never a question to others (RFC 6761 6.3), and one address: what listens on the other one may be another program.
    if (host === 'localhost' || host.endsWith('.localhost'))
      return { kind: 'found', value: ['127.0.0.1'], ttlMs: Infinity };
    const machine = await this.machine.current();
    const written = machine.hosts.get(host);
    if (written !== undefined) return { kind: 'found', value: written.toSorted(), ttlMs: 0 };
    return this.queries.run(() => this.bounded(this.ask(host, machine)));
  }

  async services(name: string): Promise<NameAnswer<readonly ServiceRecord[]>> {
    const resolver = await this.resolverOf(await this.machine.current());
    return this.queries.run(() => this.bounded(askServices(resolver, name)));
  }

  private async ask(host: string, machine: MachineNames): Promise<AddressAnswer> {
    const resolver = await this.resolverOf(machine);
    const answer = await askBoth(resolver, host, machine.ipv6);
    const isOpen = answer.kind === 'absent' || (answer.kind === 'failed' && NO_SERVER.has(answer.code));
    if (!isOpen || this.settings.servers.length > 0) return answer;
    return this.askSystem(host);
  }

  /** Who asks again while the system still hangs gets the same answer, and does not queue a second time. */
  private askSystem(host: string): Promise<AddressAnswer> {
    const known = this.systemAnswers.get(host);
    if (known !== undefined) return known;
    const answer = this.systemLookups.run(() => askSystem(host)).finally(() => this.systemAnswers.delete(host));
    this.systemAnswers.set(host, answer);
    return answer;
  }

  private async bounded<T>(answer: Promise<NameAnswer<T>>): Promise<NameAnswer<T>> {
    const { promise, resolve } = Promise.withResolvers<NameAnswer<T>>();
    const timer = setTimeout(() => resolve({ kind: 'timeout', code: 'ETIMEOUT' }), this.settings.timeoutMs);
    try {
      return await Promise.race([answer, promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A resolver reads its name servers once: after a change of the machine's network only a new one knows the new ones. */
  private async resolverOf({ resolverStamp }: MachineNames): Promise<promises.Resolver> {
    if (this.resolver !== null && this.resolverStamp === resolverStamp) return this.resolver;
    const { Resolver } = await import('node:dns/promises');
    const { servers, timeoutMs } = this.settings;
    const resolver = new Resolver({ timeout: Math.max(1, Math.floor(timeoutMs * FIRST_TRY_SHARE)), tries: 2 });
    if (servers.length > 0) resolver.setServers(servers);
    this.resolver = resolver;
    this.resolverStamp = resolverStamp;
    return resolver;
  }
}

async function askBoth(resolver: promises.Resolver, host: string, ipv6: MachineNames['ipv6']): Promise<AddressAnswer> {
  const v4 = settled(resolver.resolve4(host, { ttl: true }));
  if (ipv6 === 'none') return v4;
  const v6 = settled(resolver.resolve6(host, { ttl: true }));
  const first = await v4;
  const second = first.kind === 'found' ? await withinGrace(v6) : await v6;
  return joined(first, ipv6 === 'all' ? second : onlyLoopback(second));
}

function withinGrace(answer: Promise<AddressAnswer>): Promise<AddressAnswer> {
  const { promise, resolve } = Promise.withResolvers<AddressAnswer>();
  const timer = setTimeout(() => resolve({ kind: 'timeout', code: 'ETIMEOUT' }), IPV6_GRACE_MS);
  void answer.then((value) => {
    clearTimeout(timer);
    resolve(value);
  });
  return promise;
}

/** What both families say together: one that has addresses is enough; else the answer that says least counts. */
function joined(first: AddressAnswer, second: AddressAnswer): AddressAnswer {
  if (first.kind === 'found' && second.kind === 'found') {
    const value = [...first.value, ...second.value];
    return { kind: 'found', value, ttlMs: Math.min(first.ttlMs, second.ttlMs) };
  }
  if (first.kind === 'found') return first;
  return second.kind === 'found' || first.kind === 'absent' ? second : first;
}

function onlyLoopback(answer: AddressAnswer): AddressAnswer {
  if (answer.kind !== 'found') return answer;
  const value = answer.value.filter((address) => address === '::1');
  return value.length > 0 ? { ...answer, value } : { kind: 'absent', code: 'ENODATA' };
}

async function settled(asked: Promise<readonly { address: string; ttl: number }[]>): Promise<AddressAnswer> {
  try {
    const records = await asked;
    const value = unique(records.map(({ address }) => address));
    if (value.length === 0) return { kind: 'absent', code: 'ENODATA' };
    return { kind: 'found', value, ttlMs: Math.min(...records.map(({ ttl }) => ttl)) * 1_000 };
  } catch (error) {
    return failureOf(error);
  }
}

async function askSystem(host: string): Promise<AddressAnswer> {
  try {
    const { lookup } = await import('node:dns/promises');
    const found: readonly LookupAddress[] = await lookup(host, { all: true });
    return { kind: 'found', value: unique(found.map(({ address }) => address)), ttlMs: 0 };
  } catch (error) {
    return failureOf(error);
  }
}

async function askServices(resolver: promises.Resolver, name: string): Promise<NameAnswer<readonly ServiceRecord[]>> {
  try {
    const records = await resolver.resolveSrv(name);
    const lowest = Math.min(...records.map(({ priority }) => priority));
    // A target of "." says that the service is decidedly not available (RFC 2782).
    const usable = records.filter((record) => record.priority === lowest && record.name !== '' && record.port > 0);
    if (usable.length === 0) return { kind: 'absent', code: 'ENODATA' };
    const value = usable.map(({ name: host, port, weight }) => ({
      host: host.toLowerCase().replace(/\.$/, ''),
      port,
      weight: Math.max(1, weight),
    }));
    // Node does not tell the TTL of SRV records: they are asked for as often as is allowed.
    return { kind: 'found', value: value.toSorted(byPlace), ttlMs: 0 };
  } catch (error) {
    return failureOf(error);
  }
}

function byPlace(a: ServiceRecord, b: ServiceRecord): number {
  return a.host < b.host ? -1 : a.host > b.host ? 1 : a.port - b.port;
}

function unique(addresses: readonly string[]): readonly string[] {
  return [...new Set(addresses.map((address) => normalizeAddress(address) ?? address))].toSorted();
}

function failureOf(error: unknown): { kind: 'absent' | 'failed' | 'timeout'; code: string } {
  const code = (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
  if (ABSENT.has(code)) return { kind: 'absent', code };
  return { kind: code === 'ETIMEOUT' ? 'timeout' : 'failed', code };
}
