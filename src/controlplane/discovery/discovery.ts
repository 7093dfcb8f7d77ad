import { isDeepStrictEqual } from 'node:util';
import type { DiscoverySettings } from '../../config/resilience-settings.ts';
import type { ApplicationLog } from '../../telemetry/logs/application-log.ts';
import type { NameLookup } from '../plan/name-lookup.ts';
import type { LookupFigures, LookupResult, NameState } from './lookup-figures.ts';
import type { NameAnswer, NameSource, ServiceRecord } from './name-source.ts';
import { WatchedName } from './watched-name.ts';

/** What discovery needs of the program. */
export interface DiscoveryContext {
  /** Who is asked under these settings. */
  readonly sourceOf: (settings: DiscoverySettings) => NameSource;
  readonly log: ApplicationLog;
  /** Names of the plan have other answers than when it was made: time for a new plan. Not more often than once a second. */
  readonly onChange: () => void;
}

/** Names that one plan asked for. */
export interface DiscoverySession extends NameLookup {
  /** The plan runs: names that it did not ask for are watched no more. */
  adopt(): void;
}

/** Changes of several names that come together make one plan. */
const TOGETHER_MS = 50;
/** Between two plans; a name server whose answers differ every time must not keep the program busy. */
const APART_MS = 1_000;
/** Before another attempt to bring a plan into the workers. */
const AGAIN_MS = 5_000;

/** Watches all names of backends. Names are watched from the moment a plan asks for them until a plan runs without them. */
export class Discovery implements LookupFigures {
  readonly lookups: Record<LookupResult, number> = { found: 0, absent: 0, failed: 0, timeout: 0 };
  lastSuccessMs = 0;
  private settings: DiscoverySettings;
  private source: NameSource;
  private readonly context: DiscoveryContext;
  private readonly hosts: Map<string, WatchedName<readonly string[]>> = new Map();
  private readonly serviceNames: Map<string, WatchedName<readonly ServiceRecord[]>> = new Map();
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;
  private toldMs = -APART_MS;

  constructor(settings: DiscoverySettings, context: DiscoveryContext) {
    this.settings = settings;
    this.source = context.sourceOf(settings);
    this.context = context;
  }

  /**
   * A view for the making of one plan. All names together are waited for as long as one look-up may take: a name without an answer
   * by then has none, and its answer is a change.
   *
   * @param settings hold for names that the plan brings at once, for the others from its adoption on: all names are asked for again
   *   then when they differ from those before
   */
  session(settings: DiscoverySettings): DiscoverySession {
    const hosts = new Set<string>();
    const serviceNames = new Set<string>();
    const isSame = isDeepStrictEqual(settings, this.settings);
    const source = isSame ? this.source : this.context.sourceOf(settings);
    const limit = passed(settings.timeoutMs);
    return {
      addresses: async (host) => {
        if (this.isStopped) return [];
        hosts.add(host);
        return (await this.host(host, source).current(limit)) ?? [];
      },
      services: async (name) => {
        if (this.isStopped) return [];
        serviceNames.add(name);
        return (await this.serviceName(name, source).current(limit)) ?? [];
      },
      adopt: () => {
        forget(this.hosts, hosts);
        forget(this.serviceNames, serviceNames);
        if (!isSame) this.configure(settings, source);
      },
    };
  }

  /** Addresses of a name that is no backend's: it is asked for once, and not watched. Rejects with the resolver's code. */
  async addressesOf(host: string): Promise<readonly string[]> {
    const answer = await this.source.addresses(host);
    if (answer.kind === 'found') return answer.value;
    throw Object.assign(new Error(`${host} cannot be resolved`), { code: answer.code });
  }

  /** The last plan did not come into the workers, which may run on answers that hold no more: another one is asked for soon. */
  again(): void {
    this.schedule(AGAIN_MS);
  }

  /** How many names are in each state. */
  names(): Readonly<Record<NameState, number>> {
    const counts = { fresh: 0, stale: 0, unresolved: 0 };
    for (const { state } of [...this.hosts.values(), ...this.serviceNames.values()]) counts[state]++;
    return counts;
  }

  /** Looks nothing up any more. */
  stop(): void {
    this.isStopped = true;
    forget(this.hosts, new Set());
    forget(this.serviceNames, new Set());
    if (this.timer !== null) clearTimeout(this.timer);
  }

  /** @param source is asked first */
  private host(host: string, source: NameSource): WatchedName<readonly string[]> {
    const known = this.hosts.get(host);
    if (known !== undefined) return known;
    const watched = this.watch(
      host,
      source,
      (asked) => asked.addresses(host),
      (list) => list,
    );
    this.hosts.set(host, watched);
    return watched;
  }

  private serviceName(name: string, source: NameSource): WatchedName<readonly ServiceRecord[]> {
    const known = this.serviceNames.get(name);
    if (known !== undefined) return known;
    const texts = (list: readonly ServiceRecord[]): string[] => list.map(({ host, port }) => `${host}:${port}`);
    const watched = this.watch(name, source, (asked) => asked.services(name), texts);
    this.serviceNames.set(name, watched);
    return watched;
  }

  private watch<T>(
    name: string,
    first: NameSource,
    ask: (source: NameSource) => Promise<NameAnswer<T>>,
    texts: (value: T) => readonly string[],
  ): WatchedName<T> {
    const { log } = this.context;
    let kept: readonly string[] = [];
    let isFailing = false;
    let next: NameSource | null = first;
    const settings = (): DiscoverySettings => this.settings;
    return new WatchedName({
      get settings() {
        return settings();
      },
      look: () => {
        const source = next ?? this.source;
        next = null;
        return ask(source);
      },
      looked: (answer, isRepeated) => {
        this.count(answer);
        if (answer.kind === 'found') {
          kept = texts(answer.value);
          if (isFailing) log.info('a backend name resolves again', { name, addresses: kept });
        } else if (!isRepeated) {
          const level = kept.length > 0 ? 'warn' : 'error';
          log.at(level, 'a backend name cannot be resolved', { name, code: answer.code, kept });
        }
        isFailing = answer.kind !== 'found';
      },
      changed: (before, after) => {
        const was = before === null ? [] : texts(before);
        log.info('a backend name has other addresses', { name, before: was, addresses: texts(after) });
        this.schedule(TOGETHER_MS);
      },
    });
  }

  private configure(settings: DiscoverySettings, source: NameSource): void {
    this.settings = settings;
    this.source = source;
    for (const watched of [...this.hosts.values(), ...this.serviceNames.values()]) watched.refresh();
  }

  private count({ kind }: NameAnswer<unknown>): void {
    this.lookups[kind]++;
    if (kind === 'found') this.lastSuccessMs = Date.now();
  }

  private schedule(delayMs: number): void {
    if (this.timer !== null || this.isStopped) return;
    const apartMs = this.toldMs + APART_MS - performance.now();
    this.timer = setTimeout(
      () => {
        this.timer = null;
        this.toldMs = performance.now();
        this.context.onChange();
      },
      Math.max(delayMs, apartMs),
    ).unref();
  }
}

function passed(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs).unref();
  });
}

function forget(watched: Map<string, { stop(): void }>, wanted: ReadonlySet<string>): void {
  for (const [name, each] of watched) {
    if (wanted.has(name)) continue;
    each.stop();
    watched.delete(name);
  }
}
