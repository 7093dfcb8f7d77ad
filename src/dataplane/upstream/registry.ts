import type { TimerWheel } from '../../base/time/timer-wheel.ts';
import type { BackendFactsTable } from '../../shared-memory/backend-facts.ts';
import { BACKEND_HELD, type HeldBackends, heldPlaceOf } from '../../shared-memory/held-backends.ts';
import type { WorkerMetrics } from '../../telemetry/metrics/worker-metrics.ts';
import type { WireTarget } from '../wire/open.ts';
import { OutcomeRecorder } from './backend-outcome.ts';
import { Backend } from './backend.ts';
import { Pool, type PoolLimits, type PoolObserver } from './pool.ts';

/** A backend as the control plane describes it: names are resolved already, a worker never looks one up (DESIGN.md 5). */
export interface BackendTarget {
  /** Index of its series, the same for all workers and for the life of the program. */
  readonly index: number;
  /** Identity: scheme, host, port and base path as configured. */
  readonly name: string;
  readonly authority: string;
  readonly basePath: string;
  /** Null when the name could not be resolved. */
  readonly address: WireTarget | null;
}

/** What all backends of a worker share. */
export interface RegistryContext {
  readonly wheel: TimerWheel;
  readonly metrics: WorkerMetrics;
  readonly held: HeldBackends;
  readonly facts: BackendFactsTable;
}

/** The living backends of a worker, by identity: a snapshot that names one again gets the same object with its connections. */
export class BackendRegistry {
  private readonly backends: Map<string, Backend> = new Map();
  private readonly context: RegistryContext;
  private readonly pools: PoolTotals = { idle: 0 };

  constructor(context: RegistryContext) {
    this.context = context;
  }

  /** The backend of a target, made when it is new. */
  acquire(target: BackendTarget, limits: PoolLimits): Backend {
    const found = this.backends.get(target.name);
    if (found !== undefined) return found;
    const { wheel, metrics, held, facts } = this.context;
    const gauges = new PoolGauges(held, heldPlaceOf(target.index), this.pools);
    const pool = new Pool(target.address, limits, wheel, gauges);
    const outcomes = new OutcomeRecorder(facts, target.index);
    const backend = new Backend(target, pool, metrics.backend(target.index), outcomes);
    this.backends.set(target.name, backend);
    return backend;
  }

  /** Closes the idle connections of all backends; at the end of a drain. */
  close(): void {
    for (const backend of this.backends.values()) backend.close();
  }
}

/** Sums over the pools of a worker, for its decisions. */
interface PoolTotals {
  idle: number;
}

/** Tells the numbers of one pool: to the worker's sums and to the gauges in shared memory. */
class PoolGauges implements PoolObserver {
  private readonly held: HeldBackends;
  private readonly place: number;
  private readonly totals: PoolTotals;

  constructor(held: HeldBackends, place: number, totals: PoolTotals) {
    this.held = held;
    this.place = place;
    this.totals = totals;
  }

  get idleInAll(): number {
    return this.totals.idle;
  }

  poolChanged(activeDelta: number, idleDelta: number): void {
    this.totals.idle += idleDelta;
    if (activeDelta !== 0) this.held.add(this.place, BACKEND_HELD.active, activeDelta);
    if (idleDelta !== 0) this.held.add(this.place, BACKEND_HELD.idle, idleDelta);
  }

  queueChanged(delta: number): void {
    this.held.add(this.place, BACKEND_HELD.pending, delta);
  }
}
