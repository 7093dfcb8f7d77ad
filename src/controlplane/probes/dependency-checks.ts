import { isDeepStrictEqual } from 'node:util';
import { CHECK_FAILURES } from '../../base/errors/check-failures.ts';
import type { DependencySettings } from '../../config/resilience-settings.ts';
import type { ApplicationLog } from '../../telemetry/logs/application-log.ts';
import type { CheckFigures } from './check-figures.ts';
import { logCheck } from './check-log.ts';
import { CheckLoop, type CheckLoopContext, type CheckLoopOwner } from './check-loop.ts';
import type { CheckChange } from './check-state.ts';
import type { CheckOutcome } from './check.ts';
import { dependencyCheck } from './dependency-check.ts';
import type { NameResolver } from './name-resolver.ts';

/** What the checks of dependencies need. */
export interface DependencyChecksContext extends CheckLoopContext {
  readonly figures: CheckFigures;
  readonly log: ApplicationLog;
  readonly resolver: NameResolver;
  /** A check ended, or the set of dependencies changed. */
  readonly changed: () => void;
}

/** A dependency as the last check left it. */
export interface DependencyState {
  readonly name: string;
  readonly required: boolean;
  /** `unknown`: its first check has not ended. */
  readonly status: 'healthy' | 'unhealthy' | 'unknown';
  /** Of the last check; null = none has ended. */
  readonly durationMs: number | null;
  /** Why the last check failed, for everybody to read; null = it passed. */
  readonly error: string | null;
}

interface CheckedDependency {
  readonly settings: DependencySettings;
  readonly loop: CheckLoop;
}

/** Checks what the program needs besides backends: databases, caches, other services (SPEC B, `checks`). */
export class DependencyChecks implements CheckLoopOwner {
  private readonly context: DependencyChecksContext;
  private checked: readonly CheckedDependency[] = [];

  constructor(context: DependencyChecksContext) {
    this.context = context;
  }

  /** Checks these dependencies from now on; one whose settings have not changed keeps its state and its schedule. */
  apply(dependencies: readonly DependencySettings[]): void {
    const before = this.checked;
    const added: CheckedDependency[] = [];
    this.checked = dependencies.map((settings) => {
      const known = before.find((each) => isDeepStrictEqual(each.settings, settings));
      if (known !== undefined) return known;
      const created = { settings, loop: this.createLoop(settings) };
      added.push(created);
      return created;
    });
    const removed = before.filter((each) => !this.checked.includes(each));
    for (const { loop } of removed) loop.stop();
    for (const { settings, loop } of added) {
      this.context.figures.prepare(settings.name);
      loop.start();
    }
    this.tellChange('stopped', removed);
    this.tellChange('started', added);
    if (added.length > 0 || removed.length > 0) this.context.changed();
  }

  /** No more checks; the states stay as they are. */
  stop(): void {
    for (const { loop } of this.checked) loop.stop();
  }

  /** All dependencies, in the order of the configuration. */
  states(): readonly DependencyState[] {
    return this.checked.map(({ settings, loop }) => ({
      name: settings.name,
      required: settings.required,
      status: loop.state.isDecided ? (loop.state.isHealthy ? 'healthy' : 'unhealthy') : 'unknown',
      durationMs: loop.last?.durationMs ?? null,
      error: errorOf(loop.last),
    }));
  }

  /** First checks, without which nothing is known of a dependency. */
  get undecided(): readonly Promise<void>[] {
    return this.checked.map(({ loop }) => loop.decided);
  }

  checkEnded(loop: CheckLoop, outcome: CheckOutcome, change: CheckChange): void {
    const name = this.checked.find((each) => each.loop === loop)?.settings.name;
    if (name === undefined) return;
    const { figures, log, changed } = this.context;
    figures.count(name, outcome);
    logCheck(log, 'dependency', { name, outcome, change, state: loop.state });
    changed();
  }

  private createLoop(settings: DependencySettings): CheckLoop {
    const schedule = { ...settings, initiallyHealthy: true };
    return new CheckLoop(dependencyCheck(settings, this.context.resolver), schedule, this, this.context);
  }

  private tellChange(event: 'started' | 'stopped', dependencies: readonly CheckedDependency[]): void {
    if (dependencies.length === 0) return;
    const names = dependencies.map(({ settings }) => settings.name);
    this.context.log.info(`dependency checks ${event}`, { event, dependencies: names });
  }
}

function errorOf(last: CheckOutcome | null): string | null {
  return last === null || last.failure === null ? null : `${CHECK_FAILURES[last.failure]} (${last.failure})`;
}
