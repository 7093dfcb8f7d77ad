import type { TrafficPlan } from '../../dataplane/snapshot/traffic-plan.ts';
import type { BackendTarget } from '../../dataplane/upstream/registry.ts';
import { BackendGate } from '../../shared-memory/backend-gate.ts';
import { BackendGates, type GateState } from '../../shared-memory/backend-gates.ts';
import { GATE_ENTRIES } from '../../shared-memory/gate-cells.ts';
import { type GateEvent, GateTable } from '../../shared-memory/gate-memory.ts';
import type { Regions } from '../../shared-memory/regions.ts';
import { RetryBudget, type RetryBudgetFigures } from '../../shared-memory/retry-budget.ts';
import { steadyClock } from '../../shared-memory/steady-clock.ts';
import type { ApplicationLog } from '../../telemetry/logs/application-log.ts';
import { logGateEvent } from './gate-log.ts';

/** How often main looks at what time alone changes. Workers see it at once; this is for backends that nobody asks for. */
const SWEEP_MS = 1_000;

/** What the watch needs of the program. */
export interface GateWatchContext {
  readonly regions: Regions;
  readonly log: ApplicationLog;
  /** Name of the backend at a place. */
  readonly nameOf: (place: number) => string;
}

/** The gate of a backend as metrics show it. */
export interface WatchedGate {
  /** Index of the backend's series. */
  readonly backend: number;
  readonly state: GateState;
  readonly hasBreaker: boolean;
  readonly isEjectable: boolean;
}

/** A backend whose gate can close. */
interface Watched {
  readonly target: BackendTarget;
  readonly gate: BackendGate;
}

/** Main's part in the gates of backends and in the retry budget: tells what happens there, and does what time alone does. */
export class GateWatch {
  private readonly context: GateWatchContext;
  private readonly gates: BackendGates;
  private readonly table: GateTable;
  private readonly budget: RetryBudget;
  private readonly clock = steadyClock();
  /** By their places. */
  private watched: ReadonlyMap<number, Watched> = new Map();
  private timer: NodeJS.Timeout | null = null;

  constructor(context: GateWatchContext) {
    const { regions } = context;
    this.context = context;
    this.gates = new BackendGates(regions);
    this.table = new GateTable(regions, -1, (place, event) => this.changed(place, event));
    this.budget = new RetryBudget(regions, -1);
  }

  /** Watches the backends of a plan from now on. */
  apply(plan: TrafficPlan): void {
    const before = this.watched;
    const targets = new Map(
      plan.routes.flatMap(({ targets: all }) => all.map(({ backend }) => [backend.place, backend])),
    );
    const watched = [...targets.values()].filter(hasGate);
    this.watched = new Map(
      watched
        .filter(({ place }) => place < GATE_ENTRIES)
        .map((target) => [target.place, this.watch(target, before.get(target.place))]),
    );
    if (watched.length > this.watched.size)
      this.context.log.error('too many backends: circuit breakers and ejection do not work for all', {
        backends_without: watched.length - this.watched.size,
        limit: GATE_ENTRIES,
      });
    this.budget.configure(plan.retryBudget);
  }

  /** Begins to look about once a second; does not keep the process alive. */
  start(): void {
    this.timer ??= setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  /** Looks no longer. */
  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /**
   * Tells all workers what the active checks of a backend say. One that they find well after they had failed is tried at once: the
   * failures for which its breaker opened or live traffic ejected it are those that the checks saw, and saw end.
   */
  setUnhealthy(place: number, unhealthy: boolean): void {
    const wasUnhealthy = this.gates.isUnhealthy(place);
    this.gates.setUnhealthy(place, unhealthy);
    if (wasUnhealthy && !unhealthy) this.watched.get(place)?.gate.recovered();
  }

  /** A gate changed; what a worker did comes here by its message. */
  changed(place: number, event: GateEvent): void {
    logGateEvent(this.context.log, this.context.nameOf(place), event);
  }

  /** All gates of the plan that can close. */
  figures(): WatchedGate[] {
    return [...this.watched.values()].map(({ target: { series, place, policy } }) => ({
      backend: series,
      state: this.gates.state(place) as GateState,
      hasBreaker: policy.breaker !== null,
      isEjectable: policy.passiveHealth !== null,
    }));
  }

  /** How the retry budget stands. */
  budgetFigures(): RetryBudgetFigures {
    return this.budget.figures(this.clock());
  }

  private watch(target: BackendTarget, known: Watched | undefined): Watched {
    if (known?.target.index === target.index) return known;
    return { target, gate: new BackendGate(this.table, target.place, target.policy) };
  }

  private sweep(): void {
    for (const { gate } of this.watched.values()) gate.sweep();
    this.budget.sweep(this.clock());
  }
}

function hasGate({ policy }: BackendTarget): boolean {
  return policy.breaker !== null || policy.passiveHealth !== null || policy.slowStartMs > 0;
}
