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
  /** Name of a backend by the index of its series. */
  readonly nameOf: (backend: number) => string;
}

/** The gate of a backend as metrics show it. */
export interface WatchedGate {
  readonly backend: number;
  readonly state: GateState;
  readonly hasBreaker: boolean;
  readonly isEjectable: boolean;
}

/** Main's part in the gates of backends and in the retry budget: tells what happens there, and does what time alone does. */
export class GateWatch {
  private readonly context: GateWatchContext;
  private readonly gates: BackendGates;
  private readonly table: GateTable;
  private readonly budget: RetryBudget;
  private readonly clock = steadyClock();
  private watched: ReadonlyMap<number, { readonly target: BackendTarget; readonly gate: BackendGate }> = new Map();
  private timer: NodeJS.Timeout | null = null;

  constructor(context: GateWatchContext) {
    const { regions } = context;
    this.context = context;
    this.gates = new BackendGates(regions);
    this.table = new GateTable(regions, -1, (backend, event) => this.changed(backend, event));
    this.budget = new RetryBudget(regions, -1);
  }

  /** Watches the backends of a plan from now on. One that was not in the plan before begins with an open gate. */
  apply(plan: TrafficPlan): void {
    const before = this.watched;
    const targets = new Map(
      plan.routes.flatMap(({ targets: all }) => all.map(({ backend }) => [backend.index, backend])),
    );
    const watched = [...targets.values()].filter(hasGate);
    this.watched = new Map(
      watched
        .filter(({ index }) => index < GATE_ENTRIES)
        .map((target) => [target.index, before.get(target.index) ?? this.begin(target)]),
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
  setUnhealthy(backend: number, unhealthy: boolean): void {
    const wasUnhealthy = this.gates.isUnhealthy(backend);
    this.gates.setUnhealthy(backend, unhealthy);
    if (wasUnhealthy && !unhealthy) this.watched.get(backend)?.gate.recovered();
  }

  /** A gate changed; what a worker did comes here by its message. */
  changed(backend: number, event: GateEvent): void {
    logGateEvent(this.context.log, this.context.nameOf(backend), event);
  }

  /** All gates of the plan that can close. */
  figures(): WatchedGate[] {
    return [...this.watched.values()].map(({ target: { index, policy } }) => ({
      backend: index,
      state: this.gates.state(index) as GateState,
      hasBreaker: policy.breaker !== null,
      isEjectable: policy.passiveHealth !== null,
    }));
  }

  /** How the retry budget stands. */
  budgetFigures(): RetryBudgetFigures {
    return this.budget.figures(this.clock());
  }

  private begin(target: BackendTarget): { target: BackendTarget; gate: BackendGate } {
    this.gates.reopen(target.index);
    return { target, gate: new BackendGate(this.table, target.index, target.policy) };
  }

  private sweep(): void {
    for (const { gate } of this.watched.values()) gate.sweep();
    this.budget.sweep(this.clock());
  }
}

function hasGate({ policy }: BackendTarget): boolean {
  return policy.breaker !== null || policy.passiveHealth !== null || policy.slowStartMs > 0;
}
