import { isDeepStrictEqual } from 'node:util';
import type { DependencySettings } from '../../config/resilience-settings.ts';
import type { TrafficPlan } from '../../dataplane/snapshot/traffic-plan.ts';
import { CheckFactsTable } from '../../shared-memory/check-facts.ts';
import type { Regions } from '../../shared-memory/regions.ts';
import type { ApplicationLog } from '../../telemetry/logs/application-log.ts';
import { HEALTHY_PROGRAM, type OperationsHealth } from '../../telemetry/operations-state.ts';
import { BackendChecks, type HealthFlags } from './backend-checks.ts';
import { type CheckCounts, CheckFigures } from './check-figures.ts';
import { CheckLanes } from './check-lanes.ts';
import { DependencyChecks, type DependencyState } from './dependency-checks.ts';
import { type AddressLookup, NameResolver } from './name-resolver.ts';
import { systemHealth } from './system-health.ts';

/** What the watch needs of the program. */
export interface HealthWatchContext {
  readonly regions: Regions;
  readonly flags: HealthFlags;
  readonly log: ApplicationLog;
  /** Finds dependencies. */
  readonly lookup: AddressLookup;
  /** The program's health is another one now. */
  readonly healthChanged: (health: OperationsHealth) => void;
}

/** Longest wait of a start for first checks; who hangs longer is told as unknown. */
const FIRST_CHECKS_MS = 1_000;

/** All checks of the program: of the backends of its plan, and of what else it depends on. Runs in main. */
export class HealthWatch {
  private readonly figures: CheckFigures = new CheckFigures();
  private readonly backends: BackendChecks;
  private readonly dependencies: DependencyChecks;
  private readonly healthChanged: (health: OperationsHealth) => void;
  private health: OperationsHealth = HEALTHY_PROGRAM;
  private requiresBackends = false;

  constructor({ regions, flags, log, lookup, healthChanged }: HealthWatchContext) {
    const changed = (): void => this.update();
    const shared = { lanes: new CheckLanes(), random: Math.random, figures: this.figures, log, changed };
    this.backends = new BackendChecks({ ...shared, flags, facts: new CheckFactsTable(regions) });
    this.dependencies = new DependencyChecks({ ...shared, resolver: new NameResolver(lookup) });
    this.healthChanged = healthChanged;
  }

  /** A plan is about to run: to be told before any worker runs it. */
  expect(plan: TrafficPlan): void {
    this.backends.expect(plan);
  }

  /** Checks what a configuration has from now on; what it has in common with the one before goes on undisturbed. */
  apply(plan: TrafficPlan, dependencies: readonly DependencySettings[]): void {
    this.requiresBackends = plan.endpoints.readinessRequiresBackends;
    this.dependencies.apply(dependencies);
    this.backends.apply(plan);
    this.update();
  }

  /** Settled when everything has been checked once that nobody dares to guess, or after a second. */
  async firstChecks(): Promise<void> {
    const { promise: tooLong, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, FIRST_CHECKS_MS);
    await Promise.race([Promise.all([...this.dependencies.undecided, ...this.backends.undecided]), tooLong]);
    clearTimeout(timer);
  }

  /** No more checks. */
  stop(): void {
    this.backends.stop();
    this.dependencies.stop();
  }

  /** Health of the backends that are checked, by name. */
  backendStates(): ReadonlyMap<string, boolean> {
    return this.backends.states();
  }

  /** All dependencies with their health. */
  dependencyStates(): readonly DependencyState[] {
    return this.dependencies.states();
  }

  /** Checks that were made so far, by target. */
  checkCounts(): readonly CheckCounts[] {
    return this.figures.all();
  }

  private update(): void {
    const health = systemHealth(this.backends.totals, this.dependencies.states(), this.requiresBackends);
    if (isDeepStrictEqual(health, this.health)) return;
    this.health = health;
    this.healthChanged(health);
  }
}
