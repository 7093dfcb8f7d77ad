import type { TestContext } from 'node:test';

import { RequestHeadParser } from '../../src/base/http1/request-head-parser.ts';
import { TICK_MS, TimerWheel } from '../../src/base/time/timer-wheel.ts';
import type { ListenerSettings } from '../../src/config/resolved-config.ts';
import type { RetrySettings } from '../../src/config/resilience-settings.ts';
import { NO_RETRY, PLAIN_POLICY } from './off-settings.ts';
import type { CompiledRoute } from '../../src/dataplane/exchange/compiled-route.ts';
import type { Filter } from '../../src/dataplane/exchange/filter.ts';
import { createForwardedFilter } from '../../src/dataplane/filters/forwarded/forwarded-filter.ts';
import { createLoopFilter } from '../../src/dataplane/filters/loop/loop-filter.ts';
import { methodsFilter } from '../../src/dataplane/filters/methods/methods-filter.ts';
import { Listener } from '../../src/dataplane/listener/listener.ts';
import { ExchangeLog } from '../../src/dataplane/pipeline/exchange-log.ts';
import { Pipeline } from '../../src/dataplane/pipeline/pipeline.ts';
import { RequestIds } from '../../src/dataplane/pipeline/request-ids.ts';
import { OpenStreams } from '../../src/dataplane/proxy/streams/open-streams.ts';
import { createRetryPolicy } from '../../src/dataplane/proxy/retry-policy.ts';
import { RoundRobin } from '../../src/dataplane/upstream/balancer/round-robin.ts';
import type { PoolLimits } from '../../src/dataplane/upstream/pool.ts';
import { BackendRegistry, type BackendTarget } from '../../src/dataplane/upstream/registry.ts';
import { bufferedBytes } from '../../src/dataplane/wire/buffered-bytes.ts';
import { fenced, setDefectSink } from '../../src/dataplane/wire/fence.ts';
import { BackendFactsTable } from '../../src/shared-memory/backend-facts.ts';
import { GateTable } from '../../src/shared-memory/gate-memory.ts';
import { ClientConnections } from '../../src/shared-memory/client-connections.ts';
import { BACKEND_HELD, HeldBackends } from '../../src/shared-memory/held-backends.ts';
import { HELD, HeldValues } from '../../src/shared-memory/held.ts';
import { LogRingReader, LogRingWriter } from '../../src/shared-memory/log-ring.ts';
import { createRegions } from '../../src/shared-memory/regions.ts';
import type { LogEntry } from '../../src/telemetry/logs/log-entry.ts';
import { WorkerLog } from '../../src/telemetry/logs/worker-log.ts';
import { WorkerMetrics } from '../../src/telemetry/metrics/worker-metrics.ts';
import { freePort } from './free-port.ts';
import { ACCESS_LOG, APPLICATION_LOG } from './log-settings.ts';
import { type ListenerChanges, listenerSettings, POOL_LIMITS } from './rig-settings.ts';
import { until } from './until.ts';

/** Pseudonym of the rig in Via. */
export const RIG_VIA = 'rwwwrse-rig';

/** A backend of a rig; what is not given is that of a plain one without an address. */
export type RigBackend = Partial<Pick<BackendTarget, 'name' | 'authority' | 'addresses' | 'tlsName' | 'policy'>>;

/** What a rig has besides the defaults. */
export interface RigOptions extends ListenerChanges {
  /** Ports of backends on loopback, or what else a backend is; several take turns. */
  readonly backends: readonly (number | RigBackend)[];
  readonly filters?: readonly Filter[];
  readonly pool?: Partial<PoolLimits>;
  readonly retry?: Partial<RetrySettings>;
  readonly responseTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly tunnelIdleMs?: number;
  readonly bufferBudgetBytes?: number;
}

/** What a rig holds right now; all are 0 when nothing runs and nothing is kept. */
export interface RigGauges {
  readonly connections: number;
  readonly requests: number;
  readonly upstreamActive: number;
  readonly upstreamIdle: number;
  readonly tunnels: number;
  readonly eventStreams: number;
  readonly bufferedBytes: number;
}

/**
 * One data plane in this thread: a real listener, a real registry with pools, the pipeline with chosen route filters. What a
 * worker adds to that (threads, endpoints, configuration) is left to the tests of the whole program.
 */
export class Rig {
  readonly port: number;
  readonly settings: ListenerSettings;
  readonly route: CompiledRoute;
  readonly parser: RequestHeadParser;
  /** Throws that reached a fence; there must be none. */
  readonly defects: unknown[] = [];
  /** Failure codes of exchanges, in order. */
  readonly failures: string[] = [];
  /** Warnings and errors about backends. */
  readonly warnings: LogEntry[] = [];
  private readonly listener: Listener;
  private readonly registry: BackendRegistry;
  private readonly streams: OpenStreams;
  private readonly held: HeldValues;
  private readonly heldBackends: HeldBackends;
  private readonly log: LogRingReader;
  private readonly ticker: NodeJS.Timeout;
  private readonly wheel: TimerWheel;
  private limits: PoolLimits;

  constructor(port: number, options: RigOptions) {
    const regions = createRegions(1);
    const wheel = new TimerWheel(performance.now());
    this.wheel = wheel;
    const metrics = new WorkerMetrics(regions, 0);
    this.port = port;
    this.limits = { ...POOL_LIMITS, ...options.pool };
    this.settings = listenerSettings(port, options);
    this.parser = new RequestHeadParser(this.settings.limits);
    this.held = new HeldValues(regions, 0);
    this.heldBackends = new HeldBackends(regions, 0);
    this.streams = new OpenStreams({ wheel, held: this.held, metrics: metrics.streams });
    this.log = new LogRingReader(regions.logRings[0] as SharedArrayBuffer);
    this.registry = new BackendRegistry({
      wheel,
      metrics,
      held: this.heldBackends,
      facts: new BackendFactsTable(regions, 0),
      gates: new GateTable(regions, 0, () => undefined),
      log: new WorkerLog({ ...APPLICATION_LOG, level: 'warn' }, (entries) => this.warnings.push(...entries)),
    });
    this.route = this.routeOf(options, metrics);
    const edgeFilters = [createForwardedFilter(RIG_VIA), createLoopFilter(RIG_VIA), methodsFilter];
    const recorders = {
      metrics,
      held: this.held,
      unmatched: metrics.route(0),
      log: new ExchangeLog({
        access: ACCESS_LOG,
        application: APPLICATION_LOG,
        ring: new LogRingWriter(regions, 0),
        log: new WorkerLog(APPLICATION_LOG, () => undefined),
      }),
    };
    const requestIds = new RequestIds({ enabled: true, header: 'X-Request-ID', generator: 'counter' });
    const snapshot = { requestIds, edgeFilters, match: () => this.route };
    const entry = new Pipeline(
      () => snapshot,
      recorders,
      (_exchange, code) => this.failures.push(code),
      this.streams,
    );
    setDefectSink((error) => this.defects.push(error));
    this.listener = new Listener({
      settings: this.settings,
      entry,
      wheel,
      held: this.held,
      clients: new ClientConnections(regions, 0),
      metrics,
      via: RIG_VIA,
      clientSeed: 'rig',
      bufferBudgetBytes: options.bufferBudgetBytes ?? 33_554_432,
    });
    this.ticker = setInterval(() => fenced(() => wheel.advance(performance.now())), TICK_MS);
  }

  /** Starts to accept. */
  async start(): Promise<void> {
    await this.listener.listen({ host: '127.0.0.1', port: this.port });
  }

  get gauges(): RigGauges {
    return {
      connections: this.held.total(HELD.connections),
      requests: this.held.total(HELD.requests),
      upstreamActive: this.heldBackends.totalOfAll(BACKEND_HELD.active),
      upstreamIdle: this.heldBackends.totalOfAll(BACKEND_HELD.idle),
      tunnels: this.held.total(HELD.webSockets) + this.held.total(HELD.otherTunnels),
      eventStreams: this.held.total(HELD.eventStreams),
      bufferedBytes: bufferedBytes(),
    };
  }

  /** Lines of the access log so far. */
  get accessLines(): readonly string[] {
    return this.log.peek().toString('latin1').split('\n').slice(0, -1);
  }

  /** Statuses of all finished exchanges, in order. */
  get statuses(): readonly number[] {
    return this.accessLines.map((line) => Number(/" (\d{3}) /.exec(line)?.[1] ?? -1));
  }

  /** Waits until nothing is in flight on either side; connections that are kept may stay. */
  async untilIdle(): Promise<void> {
    await until('nothing is in flight', () => this.gauges.requests === 0 && this.gauges.upstreamActive === 0).catch(
      (error: unknown) => {
        throw new Error(`${String(error)} ${JSON.stringify(this.gauges)}`);
      },
    );
  }

  /** Closes what is idle and waits until every gauge is back to zero: what a rig must come to once its clients are gone. */
  async settle(): Promise<void> {
    await this.untilIdle();
    this.registry.close();
    await until('all gauges are zero', () => Object.values(this.gauges).every((value) => value === 0)).catch(
      (error: unknown) => {
        throw new Error(`${String(error)} ${JSON.stringify(this.gauges)}`);
      },
    );
  }

  /** Drains for `forMs`, as a worker that ends does. */
  drain(forMs = 60_000): void {
    this.streams.drain(forMs);
    this.listener.drain();
  }

  /** Gives the backends other addresses and limits, as a reload does. */
  update(backends: RigOptions['backends'], pool: Partial<PoolLimits> = {}): void {
    this.limits = { ...this.limits, ...pool };
    for (const target of this.targetsOf({ backends }))
      this.registry.acquire(target, this.limits).update(target.addresses, this.limits);
  }

  stop(): void {
    clearInterval(this.ticker);
    fenced(() => this.streams.cut());
    this.listener.destroy();
    this.registry.close();
  }

  private targetsOf({ backends }: Pick<RigOptions, 'backends'>): BackendTarget[] {
    return backends.map((backend, index) => {
      const isPort = typeof backend === 'number';
      const authority = isPort ? `127.0.0.1:${backend}` : `backend-${index}`;
      const plain: BackendTarget = {
        index,
        series: index,
        place: index,
        name: `http://${authority}`,
        authority,
        basePath: '',
        addresses: isPort ? [{ host: '127.0.0.1', port: backend }] : [],
        tlsName: null,
        policy: PLAIN_POLICY,
      };
      return isPort ? plain : { ...plain, ...backend };
    });
  }

  private routeOf(options: RigOptions, metrics: WorkerMetrics): CompiledRoute {
    const backends = this.targetsOf(options).map((target) => this.registry.acquire(target, this.limits));
    return {
      name: 'rig',
      pathLabel: '/',
      pathChange: null,
      hostOverride: null,
      preserveHost: true,
      passesAmbiguousPath: false,
      requestTimeoutMs: options.requestTimeoutMs ?? 0,
      tunnelIdleMs: options.tunnelIdleMs ?? 0,
      accessLog: true,
      errorPages: [],
      responseTimeoutMs: options.responseTimeoutMs ?? 10_000,
      requestTrailers: new Set(['x-checksum']),
      peers: [],
      group: new RoundRobin(
        backends,
        backends.map(() => 1),
        0,
      ),
      retry: createRetryPolicy({ ...NO_RETRY, ...options.retry }, this.wheel, {
        configure: () => undefined,
        requested: () => undefined,
        mayRetry: () => true,
      }),
      filters: options.filters ?? [],
      series: metrics.route(1),
    };
  }
}

/** Starts a rig; it ends with the test. */
export async function startRig(context: TestContext, options: RigOptions): Promise<Rig> {
  const rig = new Rig(await freePort(), options);
  await rig.start();
  context.after(() => rig.stop());
  return rig;
}
