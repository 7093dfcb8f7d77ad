import type { ListenAddress, StaticSettings } from '../../config/resolved-config.ts';
import {
  type FromWorker,
  type ListeningSocket,
  MESSAGES_VERSION,
  type WorkerBirth,
} from '../../dataplane/worker/messages.ts';
import type { TrafficPlan } from '../../dataplane/snapshot/traffic-plan.ts';
import type { GateEventSink } from '../../shared-memory/gate-memory.ts';
import type { Regions } from '../../shared-memory/regions.ts';
import type { OwnedLog } from '../../telemetry/logs/application-log.ts';
import type { MetricsFormat } from '../../telemetry/metrics/formats.ts';
import type { LogEntry } from '../../telemetry/logs/log-entry.ts';
import type { Collection } from '../../telemetry/metrics/worker-metrics.ts';
import type { OperationsState } from '../../telemetry/operations-state.ts';
import { losesAcceptQueue } from '../sockets/accept-queue.ts';
import type { HandedSockets } from '../sockets/handed-sockets.ts';
import { UnixSockets } from '../sockets/unix-sockets.ts';
import { listenOrders } from './listen-orders.ts';
import { isPlanMessage, PlanRollout, type RolloutOutcome } from './plan-rollout.ts';
import { RestartBackoff } from './restart-backoff.ts';
import { WorkerRows } from './worker-rows.ts';
import { type ThreadOwner, WorkerThread } from './worker-thread.ts';

/** What the supervisor needs of the program. */
export interface SupervisorContext {
  readonly settings: StaticSettings;
  /** What workers count. */
  readonly collection: Collection;
  readonly count: number;
  readonly heapMib: number;
  readonly regions: Regions;
  readonly via: string;
  readonly clientSeed: string;
  readonly hostname: string;
  readonly version: string;
  readonly log: OwnedLog;
  /** Addresses with their ports, by listener name. */
  readonly addresses: ReadonlyMap<string, ListenAddress>;
  /** Sockets that a predecessor handed over. */
  readonly handed: HandedSockets;
  /** Renders the metrics, or null when that failed. */
  readonly renderMetrics: (format: MetricsFormat) => Promise<string | null>;
  /** A worker turned a breaker, or ejected a backend or brought it back; told once, by the one that did. */
  readonly gateChanged: GateEventSink;
  /** A thread that cannot be ended, or no row is left for a new one: only a new process helps. */
  readonly onUnrecoverable: (reason: string) => void;
}

/** How long a draining predecessor of a replacement may take. */
const RETIRE_MS = 30_000;
/** How long a worker gets to end by itself before it is terminated. */
const STOP_MS = 300;
/** How long `terminate` may take before the thread counts as stuck in a native call (DESIGN.md 4). */
const TERMINATE_MS = 2_000;

/** Keeps the wanted number of workers alive: starts, replaces, drains. One thread per ordinal takes new connections. */
export class WorkerSupervisor implements ThreadOwner {
  /** Workers replaced since the start. */
  restarts = 0;
  private readonly context: SupervisorContext;
  private readonly rows: WorkerRows;
  private readonly active: Map<number, WorkerThread> = new Map();
  private readonly retiring: Set<WorkerThread> = new Set();
  /** Threads that did not end when told to; their rows stay theirs. */
  private readonly stuck: Set<WorkerThread> = new Set();
  private readonly unixSockets: UnixSockets = new UnixSockets();
  private readonly backoff: RestartBackoff = new RestartBackoff();
  private rollout: PlanRollout | null = null;
  private state: OperationsState;
  private stopping = false;
  private warned = false;
  private started: { resolve: () => void; reject: (error: Error) => void } | null = null;
  private allGone: (() => void) | null = null;
  private drained: Promise<boolean> | null = null;

  constructor(context: SupervisorContext, state: OperationsState) {
    this.context = context;
    this.state = state;
    this.rows = new WorkerRows(context.regions);
  }

  /** The thread of every worker, those that still start too. */
  get threads(): readonly WorkerThread[] {
    return [...this.active.values()];
  }

  /** Threads that listen and take new connections. */
  get accepting(): readonly WorkerThread[] {
    return [...this.active.values(), ...this.retiring].filter(({ phase }) => phase === 'listening');
  }

  /**
   * Every socket that somebody accepts from, or should: one whose thread hangs is among them, one whose thread drains is not.
   */
  get sockets(): readonly ListeningSocket[] {
    return [...this.accepting, ...this.stuck].flatMap((thread) => thread.sockets);
  }

  /** Another process serves the sockets from now on: what leads to them is its own. */
  leaveSockets(): void {
    this.unixSockets.leaveAll();
  }

  /** Starts all workers; resolves when every one listens, rejects when a listener cannot be opened. */
  start(plan: TrafficPlan): Promise<void> {
    this.rollout = new PlanRollout(plan, {
      running: (thread) => this.openListeners(thread as WorkerThread),
      unable: (thread, reason) => this.unable(thread as WorkerThread, reason),
    });
    return new Promise((resolve, reject) => {
      this.started = { resolve, reject };
      for (let ordinal = 0; ordinal < this.context.count; ordinal++) this.spawn(ordinal);
    });
  }

  /** Oldest version of a plan by which a thread may still answer requests. */
  get oldestVersion(): number {
    return this.rollout?.oldestVersion ?? 0;
  }

  /** Brings a plan into all workers, or leaves everything as it was. */
  async roll(plan: TrafficPlan): Promise<RolloutOutcome> {
    if (this.rollout === null || this.stopping) return { status: 'aborted', reason: 'the program stops' };
    return this.rollout.roll(plan);
  }

  /** Tells all workers the state that their endpoints show. */
  publish(state: OperationsState): void {
    this.state = state;
    for (const thread of [...this.active.values(), ...this.retiring]) thread.send({ type: 'state', state });
  }

  /**
   * Drains all workers; resolves when the last request is answered, at the latest after `timeoutMs`. Called again, it is the
   * same drain.
   *
   * @returns false when a thread could not be ended (a native call)
   */
  drain(timeoutMs: number): Promise<boolean> {
    return (this.drained ??= this.drainAll(timeoutMs));
  }

  /** Ends all workers now; they say to open streams what can be said at once. Resolves when they are gone, or after `waitMs`. */
  async cut(waitMs: number): Promise<void> {
    this.stopping = true;
    for (const thread of this.active.values()) this.retiring.add(thread);
    this.active.clear();
    for (const thread of this.retiring) thread.send({ type: 'stop' });
    const { promise, resolve } = Promise.withResolvers<void>();
    const drainEnds = this.allGone;
    this.allGone = () => {
      drainEnds?.();
      resolve();
    };
    this.checkAllGone();
    const timer = setTimeout(resolve, waitMs);
    await promise;
    clearTimeout(timer);
  }

  /** Replaces a thread that shows no sign of life; what it carried is lost. */
  async replaceSilent(thread: WorkerThread): Promise<void> {
    if (this.active.get(thread.ordinal) !== thread) return;
    this.active.delete(thread.ordinal);
    this.retiring.add(thread);
    this.warnOfAcceptQueue();
    if (!this.stopping) this.respawn(thread.ordinal);
    await this.end(thread);
  }

  threadMessage(thread: WorkerThread, message: FromWorker): void {
    if (isPlanMessage(message)) this.rollout?.message(thread, message);
    else if (message.type === 'listening') this.listening(thread, message.sockets);
    else if (message.type === 'listenFailed') this.listenFailed(thread, message.listener, message.code);
    else if (message.type === 'metricsWanted')
      void this.answerMetrics(thread, message.id, message.openMetrics ? 'openmetrics' : 'text');
    else if (message.type === 'gate') this.context.gateChanged(message.backend, message.event);
    else if (message.type === 'log') this.log(thread, message.entries);
    else if (message.type === 'defect') this.defect(thread, message);
    else if (message.type === 'drained') void this.end(thread);
  }

  threadFailed(thread: WorkerThread, error: Error): void {
    this.context.log.error('worker failed', { worker: thread.ordinal, error: error.message });
  }

  threadExited(thread: WorkerThread, code: number): void {
    this.rollout?.gone(thread);
    this.rows.reclaim(thread.row);
    this.retiring.delete(thread);
    this.stuck.delete(thread);
    if (this.active.get(thread.ordinal) === thread) {
      this.active.delete(thread.ordinal);
      this.context.log.error('worker died', { worker: thread.ordinal, exit_code: code });
      this.warnOfAcceptQueue();
      if (this.started !== null) this.started.reject(new Error(`worker ${thread.ordinal} died while starting`));
      else if (!this.stopping) this.respawn(thread.ordinal);
    }
    this.checkAllGone();
  }

  private async drainAll(timeoutMs: number): Promise<boolean> {
    this.stopping = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.allGone = resolve;
    // Those that drain already, for a replacement, get no longer than the others.
    for (const thread of [...this.retiring, ...this.active.values()])
      if (thread.phase !== 'stopping') this.retire(thread, timeoutMs);
    this.active.clear();
    this.checkAllGone();
    const timer = setTimeout(resolve, timeoutMs);
    await promise;
    clearTimeout(timer);
    await Promise.all([...this.retiring].map((thread) => this.end(thread)));
    this.unixSockets.removeAll();
    return this.stuck.size === 0 && this.retiring.size === 0;
  }

  /** Once in the life of the program (DESIGN.md 4). */
  private warnOfAcceptQueue(): void {
    if (this.warned || !losesAcceptQueue()) return;
    this.warned = true;
    this.context.log.warn(
      'connections that waited for the worker are lost; net.ipv4.tcp_migrate_req=1 would keep them',
    );
  }

  private spawn(ordinal: number): void {
    const row = this.rows.take();
    if (row === undefined || this.rollout === null) {
      this.context.onUnrecoverable('no shared-memory row is left for a new worker');
      return;
    }
    const { settings, count, regions, via, clientSeed, hostname, version } = this.context;
    const birth: WorkerBirth = {
      messagesVersion: MESSAGES_VERSION,
      ordinal,
      row,
      count,
      regions,
      settings,
      via,
      clientSeed,
      hostname,
      version,
      collection: this.context.collection,
      state: this.state,
    };
    const thread = this.createThread(birth);
    if (thread === null) return;
    this.active.set(ordinal, thread);
    this.rollout.born(thread);
  }

  /** Null where the system has no thread left (pids.max, RLIMIT_NPROC); it is tried again. Throws so when the program starts. */
  private createThread(birth: WorkerBirth): WorkerThread | null {
    const { ordinal, row } = birth;
    try {
      return new WorkerThread(birth, this.context.heapMib, this);
    } catch (error) {
      this.rows.reclaim(row);
      if (this.started !== null) throw error;
      this.context.log.error('a worker cannot be started', { worker: ordinal, error: (error as Error).message });
      this.respawn(ordinal);
      return null;
    }
  }

  private respawn(ordinal: number): void {
    this.restarts++;
    if (this.context.handed.isPinned) {
      this.context.onUnrecoverable(`worker ${ordinal} ends, and only the service manager can pass its sockets anew`);
      return;
    }
    const delayMs = this.backoff.next(Date.now());
    if (delayMs > 0)
      this.context.log.error('workers die again and again; the next one waits', { worker: ordinal, delay_ms: delayMs });
    setTimeout(() => {
      if (!this.stopping) this.spawn(ordinal);
    }, delayMs);
  }

  private openListeners(thread: WorkerThread): void {
    const { addresses, handed, count: workers } = this.context;
    const orders = listenOrders({ addresses, handed, unixSockets: this.unixSockets, workers }, thread.ordinal);
    thread.send({ type: 'listen', orders });
  }

  private listening(thread: WorkerThread, sockets: readonly ListeningSocket[]): void {
    thread.phase = 'listening';
    thread.sockets = sockets;
    if (thread.ordinal === 0) for (const address of this.context.addresses.values()) this.unixSockets.publish(address);
    if (this.started === null) this.context.log.info('worker replaced', { worker: thread.ordinal });
    else if (this.threads.every((each) => each.phase === 'listening')) {
      this.started.resolve();
      this.started = null;
    }
    for (const old of this.retiring)
      if (old.ordinal === thread.ordinal && old.phase === 'listening') this.retire(old, RETIRE_MS);
  }

  /** A worker without the configuration answers nobody, and one with an older one answers otherwise than the rest. */
  private unable(thread: WorkerThread, reason: string): void {
    const { log } = this.context;
    if (this.started !== null) {
      this.started.reject(new Error(`worker ${thread.ordinal} cannot take the configuration: ${reason}`));
      return;
    }
    log.error('a worker cannot take the configuration that runs', { worker: thread.ordinal, reason });
    if (thread.phase === 'starting') void this.end(thread);
    else this.replaceGently(thread);
  }

  private listenFailed(thread: WorkerThread, listener: string, code: string): void {
    this.context.log.error('a worker cannot listen', { worker: thread.ordinal, listener, code });
    if (this.started === null) void this.end(thread);
    else this.started.reject(new Error(`listener ${listener} cannot be opened (${code})`));
  }

  /** A throw outside every fence leaves a worker in doubt: it serves on until its replacement listens, then drains. */
  private defect(thread: WorkerThread, defect: { fatal: boolean; message: string; stack: string }): void {
    this.context.log.error('internal defect', { worker: thread.ordinal, error: defect.message, stack: defect.stack });
    if (defect.fatal) this.replaceGently(thread);
  }

  private replaceGently(thread: WorkerThread): void {
    if (this.stopping || this.active.get(thread.ordinal) !== thread) return;
    this.active.delete(thread.ordinal);
    this.retiring.add(thread);
    this.respawn(thread.ordinal);
  }

  private retire(thread: WorkerThread, forMs: number): void {
    this.rollout?.leaves(thread);
    thread.phase = 'draining';
    thread.sockets = [];
    this.retiring.add(thread);
    thread.send({ type: 'drain', forMs });
    if (!this.stopping) setTimeout(() => void this.end(thread), forMs).unref();
  }

  private async end(thread: WorkerThread): Promise<void> {
    if (thread.phase === 'stopping') return;
    // A reload must not wait for it.
    this.rollout?.leaves(thread);
    // By itself it still answers, logs and counts what it cuts.
    if ((await thread.stop(STOP_MS)) || (await thread.terminate(TERMINATE_MS))) return;
    this.stuck.add(thread);
    this.retiring.delete(thread);
    if (!this.stopping) this.context.onUnrecoverable(`worker ${thread.ordinal} hangs in a native call`);
    this.checkAllGone();
  }

  private log(thread: WorkerThread, entries: readonly LogEntry[]): void {
    for (const entry of entries)
      this.context.log.entry({ ...entry, values: { worker: thread.ordinal, ...entry.values } });
  }

  private async answerMetrics(thread: WorkerThread, id: number, format: MetricsFormat): Promise<void> {
    const text = await this.context.renderMetrics(format).catch((error: unknown) => {
      this.context.log.error('the metrics could not be rendered', { error: String(error) });
      return null;
    });
    if (thread.phase !== 'stopping') thread.send({ type: 'metrics', id, text });
  }

  private checkAllGone(): void {
    if (this.stopping && this.retiring.size === 0 && this.active.size === 0) this.allGone?.();
  }
}
