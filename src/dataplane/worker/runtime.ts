import { collectStartupGarbage } from '../../base/startup-garbage.ts';
import { TICK_MS, TimerWheel } from '../../base/time/timer-wheel.ts';
import { adjustWallClock } from '../../base/time/wall-clock.ts';
import { type GateEvent, GateTable } from '../../shared-memory/gate-memory.ts';
import { BackendFactsTable } from '../../shared-memory/backend-facts.ts';
import { ClientConnections } from '../../shared-memory/client-connections.ts';
import { Heartbeats, steadyMs } from '../../shared-memory/heartbeats.ts';
import { HeldBackends } from '../../shared-memory/held-backends.ts';
import { HELD, HeldValues } from '../../shared-memory/held.ts';
import { RetryBudget } from '../../shared-memory/retry-budget.ts';
import { LogRingWriter } from '../../shared-memory/log-ring.ts';
import { WorkerLog } from '../../telemetry/logs/worker-log.ts';
import { ROUTE_UNMATCHED } from '../../telemetry/metrics/families.ts';
import { ThreadProbe, workerThreadSlots } from '../../telemetry/metrics/thread-probe.ts';
import { WorkerMetrics } from '../../telemetry/metrics/worker-metrics.ts';
import { createCaptureFilter } from '../filters/capture/capture-filter.ts';
import { SharedBackendSources } from '../filters/endpoints/shared-backend-sources.ts';
import { Listener, type ListenTarget } from '../listener/listener.ts';
import { ExchangeLog } from '../pipeline/exchange-log.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import { OpenStreams } from '../proxy/streams/open-streams.ts';
import type { CompileContext } from '../snapshot/compile-context.ts';
import { BackendRegistry } from '../upstream/registry.ts';
import { fenced, setDefectSink } from '../wire/fence.ts';
import { bufferedBytes } from '../wire/buffered-bytes.ts';
import type { FromWorker, ListeningSocket, ListenOrder, ToWorker, WorkerBirth } from './messages.ts';
import { WorkerOperations } from './operations.ts';
import { WorkerSnapshots } from './snapshots.ts';

/** How often a worker shows a sign of life, in ticks of the wheel. */
const BEAT_TICKS = 5;

/** Everything one worker runs: composition only. Runs in a worker thread, and in-process in tests. */
export class WorkerRuntime {
  private readonly birth: WorkerBirth;
  private readonly send: (message: FromWorker) => void;
  private readonly wheel: TimerWheel = new TimerWheel(performance.now());
  private readonly held: HeldValues;
  private readonly metrics: WorkerMetrics;
  private readonly streams: OpenStreams;
  private readonly probe: ThreadProbe | null;
  private readonly heartbeats: Heartbeats;
  private readonly retryBudget: RetryBudget;
  private readonly log: WorkerLog;
  private readonly operations: WorkerOperations;
  private readonly registry: BackendRegistry;
  private readonly backends: SharedBackendSources;
  private readonly listeners: Map<string, Listener> = new Map();
  private readonly ticker: NodeJS.Timeout;
  private readonly snapshots: WorkerSnapshots;
  private ticks = 0;
  private draining = false;

  /** @param send posts a message to main */
  constructor(birth: WorkerBirth, send: (message: FromWorker) => void) {
    this.birth = birth;
    this.send = send;
    this.held = new HeldValues(birth.regions, birth.row);
    this.metrics = new WorkerMetrics(birth.regions, birth.row, birth.collection);
    this.streams = new OpenStreams({ wheel: this.wheel, held: this.held, metrics: this.metrics.streams });
    this.probe = birth.collection.enabled
      ? new ThreadProbe(workerThreadSlots(birth.regions, birth.row, birth.ordinal), TICK_MS)
      : null;
    this.heartbeats = new Heartbeats(birth.regions);
    this.retryBudget = new RetryBudget(birth.regions, birth.row);
    this.log = new WorkerLog(birth.settings.log, (entries) => send({ type: 'log', entries }));
    this.operations = new WorkerOperations(birth.state, birth.version, this.heartbeats, (id, openMetrics) =>
      send({ type: 'metricsWanted', id, openMetrics }),
    );
    const held = new HeldBackends(birth.regions, birth.row);
    const facts = new BackendFactsTable(birth.regions, birth.row);
    const tell = (backend: number, event: GateEvent): void => send({ type: 'gate', backend, event });
    const gates = new GateTable(birth.regions, birth.row, tell);
    const { wheel, metrics, log } = this;
    this.registry = new BackendRegistry({ wheel, metrics, held, facts, gates, log });
    this.backends = new SharedBackendSources(birth.regions);
    setDefectSink((error) => this.reportDefect(error, false));
    this.snapshots = new WorkerSnapshots(this.compileContext(), this.registry, send);
    this.createListeners();
    this.ticker = setInterval(() => fenced(() => this.tick()), TICK_MS);
    this.tick();
  }

  /** Handles one message of main. */
  receive(message: ToWorker): void {
    if (message.type === 'listen') void this.listen(message.orders);
    else if (message.type === 'state') this.operations.update(message.state);
    else if (message.type === 'prepare') this.snapshots.prepare(message.order);
    else if (message.type === 'routes') this.snapshots.take(message.version, message.places, message.texts);
    else if (message.type === 'commit') this.snapshots.commit(message.version);
    else if (message.type === 'abort') this.snapshots.abort(message.version);
    else if (message.type === 'metrics') this.operations.settle(message.id, message.text);
    else if (message.type === 'drain') this.drain(message.forMs);
    else this.stop();
  }

  /** Tells main of a throw; a fatal one asks for a replacement. */
  reportDefect(error: unknown, fatal: boolean): void {
    this.metrics.count('internal_defects');
    const known = error instanceof Error ? error : new Error(String(error));
    this.send({ type: 'defect', fatal, message: known.message, stack: known.stack ?? '' });
  }

  private async listen(orders: readonly ListenOrder[]): Promise<void> {
    collectStartupGarbage();
    const sockets: ListeningSocket[] = [];
    for (const { listener, socket } of orders) {
      try {
        const fd = await (this.listeners.get(listener) as Listener).listen(socket as ListenTarget);
        if (fd >= 0) sockets.push({ listener, fd });
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        this.send({ type: 'listenFailed', listener, code: code ?? String(error) });
        return;
      }
    }
    this.send({ type: 'listening', sockets });
  }

  private drain(forMs: number): void {
    this.draining = true;
    this.streams.drain(forMs);
    for (const listener of this.listeners.values()) listener.drain();
  }

  private stop(): void {
    clearInterval(this.ticker);
    this.probe?.close();
    this.streams.cut();
    for (const listener of this.listeners.values()) listener.destroy();
    this.registry.close();
  }

  private tick(): void {
    const nowMs = performance.now();
    adjustWallClock(Date.now(), nowMs);
    this.wheel.advance(nowMs);
    this.probe?.tick(nowMs);
    if (this.ticks++ % BEAT_TICKS !== 0) return;
    const steadyNowMs = steadyMs();
    this.heartbeats.beat(this.birth.row, steadyNowMs);
    this.retryBudget.tick(steadyNowMs);
    this.held.set(HELD.bufferKib, Math.ceil(bufferedBytes() / 1024));
    if (!this.draining || [...this.listeners.values()].some((listener) => listener.size > 0)) return;
    this.draining = false;
    this.registry.close();
    this.send({ type: 'drained' });
  }

  private compileContext(): CompileContext {
    const { birth } = this;
    return {
      workerIndex: birth.ordinal,
      registry: this.registry,
      metrics: this.metrics,
      wheel: this.wheel,
      retryAllowance: this.retryBudget,
      via: birth.via,
      hostname: birth.hostname,
      view: this.operations,
      capture: createCaptureFilter(birth.settings.log, this.log),
      backends: this.backends,
    };
  }

  private createListeners(): void {
    const { birth } = this;
    const { accessLog: access, log: application } = birth.settings;
    const ring = access.enabled ? new LogRingWriter(birth.regions, birth.row) : null;
    const log = new ExchangeLog({ access, application, ring, log: this.log });
    const unmatched = this.metrics.route(ROUTE_UNMATCHED);
    const recorders = { metrics: this.metrics, held: this.held, unmatched, log };
    const pipeline = new Pipeline(
      () => this.snapshots.current,
      recorders,
      (exchange, code) => log.failed(exchange, code),
      this.streams,
    );
    const clients = new ClientConnections(birth.regions, birth.row);
    for (const settings of birth.settings.listeners) {
      this.listeners.set(
        settings.name,
        new Listener({
          settings,
          entry: pipeline,
          wheel: this.wheel,
          held: this.held,
          clients,
          metrics: this.metrics,
          via: birth.via,
          clientSeed: birth.clientSeed,
          bufferBudgetBytes: birth.settings.bufferBudgetBytes,
        }),
      );
    }
  }
}
