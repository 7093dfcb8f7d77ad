import type { TimerWheel } from '../../base/time/timer-wheel.ts';
import { HELD, type HeldValues } from '../../shared-memory/held.ts';
import type { WorkerMetrics } from '../../telemetry/metrics/worker-metrics.ts';
import type { WireTarget } from '../wire/open.ts';
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
  readonly held: HeldValues;
}

/** The living backends of a worker, by identity: a snapshot that names one again gets the same object with its connections. */
export class BackendRegistry {
  private readonly backends: Map<string, Backend> = new Map();
  private readonly context: RegistryContext;
  private readonly idle: PoolGauges;

  constructor(context: RegistryContext) {
    this.context = context;
    this.idle = new PoolGauges(context.held);
  }

  /** The backend of a target, made when it is new. */
  acquire(target: BackendTarget, limits: PoolLimits): Backend {
    const found = this.backends.get(target.name);
    if (found !== undefined) return found;
    const { wheel, metrics } = this.context;
    const pool = new Pool(target.address, limits, wheel, this.idle);
    const backend = new Backend(target, pool, metrics.backend(target.index));
    this.backends.set(target.name, backend);
    return backend;
  }

  /** Closes the idle connections of all backends; at the end of a drain. */
  close(): void {
    for (const backend of this.backends.values()) backend.close();
  }
}

/** Sums over the pools of a worker: own numbers for decisions, shared memory for the gauges. */
class PoolGauges implements PoolObserver {
  idleInAll = 0;
  private readonly held: HeldValues;

  constructor(held: HeldValues) {
    this.held = held;
  }

  poolChanged(activeDelta: number, idleDelta: number): void {
    this.idleInAll += idleDelta;
    if (activeDelta !== 0) this.held.add(HELD.upstreamActive, activeDelta);
    if (idleDelta !== 0) this.held.add(HELD.upstreamIdle, idleDelta);
  }
}
