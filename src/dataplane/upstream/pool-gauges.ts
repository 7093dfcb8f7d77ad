import { BACKEND_HELD, type HeldBackends } from '../../shared-memory/held-backends.ts';
import type { PoolObserver } from './pool.ts';

/** Sums over the pools of a worker, for its decisions. */
export interface PoolTotals {
  idle: number;
}

/** Tells the numbers of one pool: to the worker's sums and to the gauges in shared memory. */
export class PoolGauges implements PoolObserver {
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

/** The same, and every transition as a message (SPEC E.2, S59: internal state at debug). */
export class LoggedPoolGauges extends PoolGauges {
  private readonly tell: (message: string) => void;

  constructor(held: HeldBackends, place: number, totals: PoolTotals, tell: (message: string) => void) {
    super(held, place, totals);
    this.tell = tell;
  }

  override poolChanged(activeDelta: number, idleDelta: number): void {
    super.poolChanged(activeDelta, idleDelta);
    if (activeDelta > 0) this.tell(idleDelta < 0 ? 'backend connection reused' : 'backend connection begun');
    else if (idleDelta > 0) this.tell('backend connection idle');
    else this.tell('backend connection closed');
  }

  override queueChanged(delta: number): void {
    super.queueChanged(delta);
    if (delta > 0) this.tell('request waits for a backend connection');
  }
}
