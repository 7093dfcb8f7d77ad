import { isDeepStrictEqual } from 'node:util';
import { checkFailureNumber } from '../../base/errors/check-failures.ts';
import type { HealthCheckSettings } from '../../config/resilience-settings.ts';
import type { TrafficPlan } from '../../dataplane/snapshot/traffic-plan.ts';
import type { BackendTarget } from '../../dataplane/upstream/registry.ts';
import type { CheckFactsTable } from '../../shared-memory/check-facts.ts';
import type { ApplicationLog } from '../../telemetry/logs/application-log.ts';
import { backendCheck } from './backend-check.ts';
import type { CheckFigures } from './check-figures.ts';
import { logCheck } from './check-log.ts';
import { CheckLoop, type CheckLoopContext, type CheckLoopOwner } from './check-loop.ts';
import type { CheckChange } from './check-state.ts';
import type { CheckOutcome } from './check.ts';

/** Where the outcome goes that decides over requests: workers read it for every selection. */
export interface HealthFlags {
  setUnhealthy(place: number, unhealthy: boolean): void;
}

/** What the checks of backends need. */
export interface BackendChecksContext extends CheckLoopContext {
  readonly flags: HealthFlags;
  readonly facts: CheckFactsTable;
  readonly figures: CheckFigures;
  readonly log: ApplicationLog;
  /** A backend became healthy or unhealthy, or the set of backends changed. */
  readonly changed: () => void;
}

/** How many backends are checked, and how many of them are healthy. */
export interface BackendTotals {
  readonly checked: number;
  readonly healthy: number;
}

interface CheckedBackend {
  target: BackendTarget;
  readonly settings: HealthCheckSettings;
  readonly loop: CheckLoop;
}

/** Checks the backends of the running configuration; each once, however many routes use it. */
export class BackendChecks implements CheckLoopOwner {
  private readonly context: BackendChecksContext;
  private readonly byIndex: Map<number, CheckedBackend> = new Map();
  private readonly byLoop: Map<CheckLoop, CheckedBackend> = new Map();

  constructor(context: BackendChecksContext) {
    this.context = context;
  }

  /**
   * A plan is about to run. Its first requests come before `apply` is told of it: new backends that count as unhealthy until they
   * are checked do so from now on.
   */
  expect(plan: TrafficPlan): void {
    for (const { index, place, policy } of checkedTargets(plan).values())
      if (!this.byIndex.has(index) && policy.healthCheck?.initial === 'unhealthy')
        this.context.flags.setUnhealthy(place, true);
  }

  /**
   * Checks the backends of a plan from now on. One whose check has not changed keeps its state and its schedule, with the
   * addresses that it has now; others begin, or end.
   */
  apply(plan: TrafficPlan): void {
    const wanted = checkedTargets(plan);
    const before = this.byIndex.size;
    const equal = new EqualSettings();
    const isKept = ([index, { settings }]: readonly [number, CheckedBackend]): boolean =>
      equal.has(settings, wanted.get(index)?.policy.healthCheck ?? null);
    const removed = [...this.byIndex].flatMap((entry) => (isKept(entry) ? [] : [entry[0]]));
    for (const index of removed) this.remove(index);
    let added = 0;
    for (const target of wanted.values()) added += this.add(target);
    const { log } = this.context;
    const stopped = before - (this.byIndex.size - added);
    if (stopped > 0) log.info('health checks stopped', { event: 'stopped', backends: stopped });
    if (added > 0) log.info('health checks started', { event: 'started', backends: added });
    if (stopped > 0 || added > 0) this.context.changed();
  }

  /** No more checks; the states stay as they are. */
  stop(): void {
    for (const { loop } of this.byIndex.values()) loop.stop();
  }

  get totals(): BackendTotals {
    let healthy = 0;
    for (const { loop } of this.byIndex.values()) if (loop.state.isHealthy) healthy++;
    return { checked: this.byIndex.size, healthy };
  }

  /** Health by the names of the backends. Of several that share a name, as routes may check one backend in two ways, the worst counts. */
  states(): ReadonlyMap<string, boolean> {
    const states = new Map<string, boolean>();
    for (const { target, loop } of this.byIndex.values())
      states.set(target.name, loop.state.isHealthy && states.get(target.name) !== false);
    return states;
  }

  /** First checks that decide whether requests may go to a backend at all. */
  get undecided(): readonly Promise<void>[] {
    return Array.from(this.byIndex.values()).flatMap(({ settings, loop }) =>
      settings.initial === 'unhealthy' ? [loop.decided] : [],
    );
  }

  checkEnded(loop: CheckLoop, outcome: CheckOutcome, change: CheckChange): void {
    const checked = this.byLoop.get(loop);
    if (checked === undefined) return;
    const { figures, log, changed } = this.context;
    figures.count(checked.target.name, outcome);
    this.publish(checked);
    logCheck(log, 'backend', { name: checked.target.name, outcome, change, state: loop.state });
    if (change === 'failed' || change === 'recovered') changed();
  }

  /** Returns how many loops it began. */
  private add(target: BackendTarget): 0 | 1 {
    const known = this.byIndex.get(target.index);
    if (known !== undefined) {
      known.target = target;
      return 0;
    }
    const settings = target.policy.healthCheck as HealthCheckSettings;
    const schedule = { ...settings, initiallyHealthy: settings.initial === 'healthy' };
    // Made when it is asked: for where the backend is by then, and so that ten thousand new backends do not hold main up.
    const check = (): Promise<CheckOutcome> => backendCheck(checked.target, settings)();
    const checked: CheckedBackend = { target, settings, loop: new CheckLoop(check, schedule, this, this.context) };
    this.byIndex.set(target.index, checked);
    this.byLoop.set(checked.loop, checked);
    this.context.figures.prepare(target.name);
    this.publish(checked);
    checked.loop.start();
    return 1;
  }

  /** What comes back later begins anew. */
  private remove(index: number): void {
    const checked = this.byIndex.get(index) as CheckedBackend;
    checked.loop.stop();
    this.byIndex.delete(index);
    this.byLoop.delete(checked.loop);
    this.context.flags.setUnhealthy(checked.target.place, false);
    this.context.facts.clear(checked.target.place);
  }

  private publish({ target, loop }: CheckedBackend): void {
    const { state, last, lastAtMs } = loop;
    this.context.flags.setUnhealthy(target.place, !state.isHealthy);
    this.context.facts.write(target.place, {
      isHealthy: state.isHealthy,
      atMs: lastAtMs,
      durationMs: last?.durationMs ?? 0,
      status: last?.status ?? 0,
      reason: last === null || last.failure === null ? -1 : checkFailureNumber(last.failure),
      consecutiveSuccesses: state.consecutiveSuccesses,
      consecutiveFailures: state.consecutiveFailures,
    });
  }
}

/** Compares settings of two configurations. Most backends share theirs, so each pair is compared once. */
class EqualSettings {
  private readonly known: Map<HealthCheckSettings, HealthCheckSettings> = new Map();

  has(before: HealthCheckSettings, now: HealthCheckSettings | null): boolean {
    if (now === null) return false;
    if (this.known.get(before) === now) return true;
    if (!isDeepStrictEqual(before, now)) return false;
    this.known.set(before, now);
    return true;
  }
}

/** Backends that are to be checked, each once. */
function checkedTargets(plan: TrafficPlan): Map<number, BackendTarget> {
  const targets = new Map<number, BackendTarget>();
  for (const route of plan.routes)
    for (const { backend } of route.targets)
      if (backend.policy.healthCheck !== null && !targets.has(backend.index)) targets.set(backend.index, backend);
  return targets;
}
