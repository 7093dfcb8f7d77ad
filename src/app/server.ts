import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { ListenAddress, ResolvedConfig, TrafficSettings } from '../config/resolved-config.ts';
import { GateWatch } from '../controlplane/gates/gate-watch.ts';
import { MetricsEndpoint } from '../controlplane/operations/metrics-endpoint.ts';
import { Discovery } from '../controlplane/discovery/discovery.ts';
import { DnsSource } from '../controlplane/discovery/dns-source.ts';
import type { NameLookup } from '../controlplane/plan/name-lookup.ts';
import { BackendPlaces } from '../controlplane/plan/backend-places.ts';
import { SeriesNames } from '../controlplane/plan/series-names.ts';
import { SharedPlaces } from '../controlplane/plan/shared-places.ts';
import { planTraffic } from '../controlplane/plan/traffic-plan.ts';
import { HealthWatch } from '../controlplane/probes/health-watch.ts';
import { firstFigures, type ReloadFigures } from '../controlplane/reload/reload-outcome.ts';
import { probeAddress } from '../controlplane/sockets/bind.ts';
import { workersFor } from '../controlplane/sockets/activated-sockets.ts';
import { type HandedSocket, HandedSockets } from '../controlplane/sockets/handed-sockets.ts';
import type { RolloutOutcome } from '../controlplane/workers/plan-rollout.ts';
import { WorkerSupervisor } from '../controlplane/workers/supervisor.ts';
import { Watchdog } from '../controlplane/workers/watchdog.ts';
import { type Allowance, readAllowance, workerCount, workerHeapMib } from '../controlplane/workers/worker-count.ts';
import { rowsFor } from '../controlplane/workers/worker-rows.ts';
import { Heartbeats, steadyMs } from '../shared-memory/heartbeats.ts';
import { createRegions, type Regions } from '../shared-memory/regions.ts';
import { AccessLog } from '../telemetry/logs/access-log.ts';
import type { OwnedLog } from '../telemetry/logs/application-log.ts';
import type { TrafficPlan } from '../dataplane/snapshot/traffic-plan.ts';
import type { Collection } from '../telemetry/metrics/worker-metrics.ts';
import { HEALTHY_PROGRAM, type OperationsState } from '../telemetry/operations-state.ts';
import { VERSION } from '../base/version.ts';

/** How often main shows a sign of life. */
const BEAT_MS = 500;
/** Idle connections may still send a request this long after a drain began (see the listener); nothing waits for less. */
const SECOND_MS = 1_000;
/** Longest wait for threads that were told to end at once. */
const CUT_MS = 300;

/** What a server cannot do itself. */
export interface ServerOwner {
  /** Only a new process helps. */
  unrecoverable(reason: string): void;
  /** Names of backends have other addresses: the settings that run are to be applied again. */
  addressesChanged(): void;
}

/** What a program is given by another process. */
export interface Inheritance {
  /** Listening sockets by their descriptors. */
  readonly sockets: readonly HandedSocket[];
  /** A service manager owns their addresses. */
  readonly isPinned: boolean;
  /** Signs sticky cookies; null = a new one is made. */
  readonly stickySecret: string | null;
}

/** A running program: all threads, from the first listener to the last answer. */
export class Server {
  /** Addresses that are listened on, by listener name. */
  readonly addresses: Map<string, ListenAddress> = new Map();
  readonly workers: number;
  /** How reloads came out, for the metrics. */
  readonly reloadFigures: ReloadFigures = firstFigures();
  private config: ResolvedConfig;
  private readonly log: OwnedLog;
  private readonly regions: Regions;
  private readonly names: SeriesNames = new SeriesNames();
  private readonly places: BackendPlaces;
  private readonly supervisor: WorkerSupervisor;
  private readonly gates: GateWatch;
  private readonly health: HealthWatch;
  private readonly discovery: Discovery;
  private readonly metrics: MetricsEndpoint;
  private readonly watchdog: Watchdog;
  private accessLog: AccessLog | null = null;
  /** Signs sticky cookies where the configuration has no secret. */
  readonly ownStickySecret: string;
  private readonly handed: HandedSockets;
  private planVersion = 0;
  private stopping = false;
  private readonly heartbeat: NodeJS.Timeout;
  private state: OperationsState;

  constructor(config: ResolvedConfig, log: OwnedLog, inheritance: Inheritance, owner: ServerOwner) {
    const allowance = readAllowance();
    this.handed = new HandedSockets(inheritance.sockets, inheritance.isPinned);
    this.ownStickySecret = inheritance.stickySecret ?? randomBytes(32).toString('base64url');
    this.config = config;
    this.log = log;
    this.workers = workersOf(
      config.settings.workers ?? workerCount(allowance),
      this.handed.isPinned ? inheritance.sockets : [],
      log,
    );
    this.regions = createRegions(rowsFor(this.workers));
    this.state = { ...HEALTHY_PROGRAM, ready: false, message: 'starting', startedMs: Date.now() };
    this.places = new BackendPlaces(new SharedPlaces(this.regions, () => this.supervisor.oldestVersion));
    const nameOf = (place: number): string => this.names.backendName(this.places.backendAt(place) ?? -1);
    this.gates = new GateWatch({ regions: this.regions, log, nameOf });
    this.health = new HealthWatch({
      regions: this.regions,
      flags: this.gates,
      log,
      lookup: (host) => this.discovery.addressesOf(host),
      healthChanged: (health) => this.update(health),
    });
    this.discovery = new Discovery(config.traffic.discovery, {
      sourceOf: (settings) => new DnsSource(settings),
      log,
      onChange: () => owner.addressesChanged(),
    });
    this.metrics = new MetricsEndpoint({
      regions: this.regions,
      labels: {
        pathLabel: (route) => this.names.pathLabel(route),
        backendLabel: (backend) => this.names.backendLabel(backend),
        placeLabel: nameOf,
      },
      version: VERSION,
      startedMs: this.state.startedMs,
      settings: () => this.config.traffic.endpoints,
      maxPerBackend: () => this.config.traffic.upstream.maxPerBackend,
      reloads: this.reloadFigures,
      threads: () => this.supervisor.threads,
      workers: () => this.supervisor.accepting.length,
      restarts: () => this.supervisor.restarts,
      checks: this.health,
      lookups: this.discovery,
      gates: this.gates,
    });
    this.supervisor = this.createSupervisor(allowance, owner);
    this.watchdog = new Watchdog(this.supervisor, this.regions, log);
    this.heartbeat = this.startHeartbeat();
  }

  /** Opens all listeners that were not handed over, and starts all workers. */
  async start(): Promise<void> {
    const { accessLog, listeners } = this.config.settings;
    for (const listener of listeners)
      this.addresses.set(listener.name, this.handed.take(listener) ?? (await probeAddress(listener)));
    this.handed.closeRest();
    if (accessLog.enabled) this.accessLog = new AccessLog(this.regions, accessLog, this.log);
    const names = this.discovery.session(this.config.traffic.discovery);
    const plan = await this.plan(this.config.traffic, names);
    this.places.runs(plan);
    this.metrics.prepare(plan);
    this.gates.apply(plan);
    this.health.apply(plan, this.config.traffic.dependencies);
    // A program that takes over accepts nothing before it knows which backends live.
    if (this.handed.isAny) await this.health.firstChecks();
    await this.supervisor.start(plan);
    names.adopt();
    if (!this.handed.isAny) await this.health.firstChecks();
    if (this.stopping) return;
    this.gates.start();
    this.metrics.start();
    this.watchdog.start();
    this.update({ ready: true, message: 'ready' });
  }

  /** A service manager owns the addresses that are listened on. */
  get isPinned(): boolean {
    return this.handed.isPinned;
  }

  /** Every socket that the program listens on, for a successor. */
  get sockets(): readonly HandedSocket[] {
    return this.supervisor.sockets.map((socket) => ({
      ...socket,
      address: this.addresses.get(socket.listener) as ListenAddress,
    }));
  }

  /** A successor serves: takes no new connections, answers what is under way, for `timeoutMs` at most. As `stop`, without its delay. */
  async handOver(timeoutMs: number): Promise<boolean> {
    this.supervisor.leaveSockets();
    return this.drain(timeoutMs);
  }

  /** Brings traffic settings into all workers, or leaves everything as it was. One at a time. */
  async apply(traffic: TrafficSettings): Promise<RolloutOutcome> {
    const names = this.discovery.session(traffic.discovery);
    const plan = await this.plan(traffic, names);
    this.health.expect(plan);
    const outcome = await this.supervisor.roll(plan);
    if (outcome.status === 'aborted') {
      this.discovery.again();
      return outcome;
    }
    names.adopt();
    this.places.runs(plan);
    this.config = { ...this.config, traffic };
    this.metrics.prepare(plan);
    this.gates.apply(plan);
    this.health.apply(plan, traffic.dependencies);
    return outcome;
  }

  /** It serves, and nobody told it to stop. */
  get isReady(): boolean {
    return this.state.ready;
  }

  /** SIGHUP: log files are opened anew. */
  reopenLogs(): void {
    this.accessLog?.reopen();
    this.log.reopen();
  }

  /**
   * Drains: not ready at once, then the shutdown delay, then no new connections, then the last answers (SPEC F).
   *
   * @returns false when a thread hangs in a native call and cannot be ended
   */
  async stop(): Promise<boolean> {
    const { shutdownDelayMs, shutdownTimeoutMs } = this.config.settings;
    this.stopping = true;
    this.update({ ready: false, message: 'shutting down' });
    this.watchdog.stop();
    await new Promise((resolve) => setTimeout(resolve, shutdownDelayMs));
    return this.drain(shutdownTimeoutMs);
  }

  /** Ends all workers now: requests are lost, WebSockets get their Close frame where one may stand. */
  async cut(): Promise<void> {
    this.watchdog.stop();
    await this.supervisor.cut(CUT_MS);
  }

  private async drain(timeoutMs: number): Promise<boolean> {
    this.watchdog.stop();
    this.discovery.stop();
    const threadsEnded = await this.supervisor.drain(Math.max(timeoutMs, SECOND_MS));
    clearInterval(this.heartbeat);
    this.gates.stop();
    this.health.stop();
    this.metrics.stop();
    const logEnded = this.accessLog === null || (await this.accessLog.close());
    return threadsEnded && logEnded;
  }

  /** Whether workers count is decided when they are born, so it stays as it was. */
  private async plan(traffic: TrafficSettings, lookup: NameLookup): Promise<TrafficPlan> {
    const { metricsEnabled } = this.config.traffic.endpoints;
    const { names, places, workers, ownStickySecret } = this;
    const planning = { version: ++this.planVersion, names, places, workers, lookup, ownStickySecret };
    places.begin();
    return planTraffic({ ...traffic, endpoints: { ...traffic.endpoints, metricsEnabled } }, planning);
  }

  private update(change: Partial<OperationsState>): void {
    this.state = { ...this.state, ...change };
    this.supervisor.publish(this.state);
  }

  private createSupervisor(allowance: Allowance, owner: ServerOwner): WorkerSupervisor {
    const { config, log } = this;
    return new WorkerSupervisor(
      {
        settings: config.settings,
        collection: collectionOf(config),
        count: this.workers,
        heapMib: workerHeapMib(allowance, this.workers),
        regions: this.regions,
        via: `rwwwrse-${randomBytes(4).toString('hex')}`,
        clientSeed: randomBytes(16).toString('hex'),
        hostname: hostname().toLowerCase(),
        version: VERSION,
        log,
        addresses: this.addresses,
        handed: this.handed,
        renderMetrics: (format) => this.metrics.render(format),
        onUnrecoverable: (reason) => owner.unrecoverable(reason),
        gateChanged: (backend, event) => this.gates.changed(backend, event),
      },
      this.state,
    );
  }

  private startHeartbeat(): NodeJS.Timeout {
    const heartbeats = new Heartbeats(this.regions);
    heartbeats.beat(heartbeats.main, steadyMs());
    return setInterval(() => heartbeats.beat(heartbeats.main, steadyMs()), BEAT_MS);
  }
}

function collectionOf({ traffic: { endpoints } }: ResolvedConfig): Collection {
  return { enabled: endpoints.metricsEnabled, detailed: endpoints.detailedMetrics };
}

/** As many workers as wanted, but one at most for each socket that a service manager passed. */
function workersOf(wanted: number, pinned: readonly HandedSocket[], log: OwnedLog): number {
  const most = workersFor(pinned);
  if (wanted <= most) return wanted;
  log.warn('fewer workers than wanted: the service manager passes fewer sockets; pass one for each worker', {
    wanted,
    workers: most,
  });
  return most;
}
