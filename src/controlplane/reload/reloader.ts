import { type ConfigChange, diffConfigs } from '../../config/diff.ts';
import type { LoadedConfig, RefusedConfig } from '../../config/load.ts';
import { formatProblem } from '../../config/problem.ts';
import type { ReadFileState } from '../../config/read-files.ts';
import type { OwnedLog } from '../../telemetry/logs/application-log.ts';
import type { RolloutOutcome } from '../workers/plan-rollout.ts';
import type { ReloadFigures, ReloadOutcome } from './reload-outcome.ts';

/** What a reload needs of the program. */
export interface ReloadContext {
  readonly log: Pick<OwnedLog, 'info' | 'warn' | 'error'>;
  /** Whatever is asked for before this is done behind it: there is nothing yet that could be changed. */
  readonly started: Promise<void>;
  /** A reload begins: once, however many asked for it. */
  readonly onBegun: () => void;
  readonly onEnded: (outcome: ReloadOutcome) => void;
  /** Reads the configuration anew, from where the program got it; routing tests that fail refuse it. */
  readonly load: () => Promise<LoadedConfig | RefusedConfig>;
  /** Brings the traffic part into all workers, or leaves everything as it was. */
  readonly apply: (loaded: LoadedConfig) => Promise<RolloutOutcome>;
  /** A configuration was read, refused or not: what is watched may have changed. */
  readonly onRead: (files: readonly ReadFileState[]) => void;
  /** A configuration was taken. */
  readonly onTaken: (loaded: LoadedConfig) => void;
}

/** Lines of a refusal in the log; the answer to who asked has all of them. */
const LOGGED_PROBLEMS = 20;

/**
 * Takes changed configurations into the running program, one at a time: read, check, compile in every worker, then all of it or
 * nothing (SPEC F, Hot reload). Whatever is asked for while one is under way is done once behind it. What hangs while it is read
 * keeps nothing else waiting.
 */
export class Reloader {
  private readonly figures: ReloadFigures;
  private readonly context: ReloadContext;
  /** The configuration that runs, as it was written. */
  private running: LoadedConfig;
  /** The reload and what goes into the workers, each behind the one before. */
  private reloading: Promise<unknown>;
  private applying: Promise<unknown>;
  private next: Promise<ReloadOutcome> | null = null;

  constructor(running: LoadedConfig, figures: ReloadFigures, context: ReloadContext) {
    this.running = running;
    this.figures = figures;
    this.context = context;
    this.reloading = context.started;
    this.applying = context.started;
  }

  /** Reloads; those who ask before it has begun get the same outcome. Never rejects. */
  reload(reason: string): Promise<ReloadOutcome> {
    if (this.next !== null) return this.next;
    const outcome = this.reloading.then(() => {
      this.next = null;
      return this.run(reason);
    });
    this.reloading = outcome.catch(() => undefined);
    this.next = outcome;
    return outcome;
  }

  /** Brings the configuration that runs into the workers once more, since what it leads to has changed, such as an address. */
  replan(): Promise<RolloutOutcome> {
    return this.inTurn(() => this.context.apply(this.running));
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.applying.then(work);
    this.applying = done.catch(() => undefined);
    return done;
  }

  private async run(reason: string): Promise<ReloadOutcome> {
    const startedMs = performance.now();
    this.context.onBegun();
    const outcome = await this.attempt(startedMs).catch((error: unknown): ReloadOutcome => ({
      status: 'refused',
      problems: [error instanceof Error ? error.message : String(error)],
      durationMs: performance.now() - startedMs,
    }));
    this.record(outcome);
    this.tell(reason, outcome);
    this.context.onEnded(outcome);
    return outcome;
  }

  private async attempt(startedMs: number): Promise<ReloadOutcome> {
    const loaded = await this.context.load();
    this.context.onRead(loaded.files);
    const durationMs = (): number => Math.round(performance.now() - startedMs);
    const problems = 'problems' in loaded ? loaded.problems.map(formatProblem) : lostSecrets(this.running, loaded);
    if ('problems' in loaded || problems.length > 0) return { status: 'refused', problems, durationMs: durationMs() };
    const changes = diffConfigs(this.running, loaded);
    const warnings = loaded.warnings.map(formatProblem);
    const outcome = await this.inTurn(() => this.applyAndTake(loaded, changes));
    if (outcome.status === 'aborted')
      return { status: 'refused', problems: [outcome.reason], durationMs: durationMs() };
    return { status: outcome.status, changes, warnings, durationMs: durationMs() };
  }

  /** Both in one turn: what is brought into the workers next must be what was taken. */
  private async applyAndTake(loaded: LoadedConfig, changes: readonly ConfigChange[]) {
    if (isLive(changes)) {
      const rollout = await this.context.apply(loaded);
      if (rollout.status === 'aborted') return rollout;
    }
    return { status: this.take(loaded, changes) };
  }

  /** What needs a restart is compared with the values of the start again and again, until the restart comes. */
  private take(loaded: LoadedConfig, changes: readonly ConfigChange[]): 'applied' | 'unchanged' {
    const waiting = changes.filter(({ needs }) => needs === 'restart').map(({ key }) => key);
    this.figures.restartRequired = waiting.length;
    const { values, digests } = this.running;
    this.running = {
      ...loaded,
      values: keptOf(loaded.values, values, waiting),
      digests: keptOf(loaded.digests, digests, waiting),
    };
    const isApplied = isLive(changes);
    if (isApplied) this.context.onTaken(loaded);
    return isApplied ? 'applied' : 'unchanged';
  }

  private record(outcome: ReloadOutcome): void {
    const { figures } = this;
    figures[outcome.status]++;
    figures.isLastGood = outcome.status !== 'refused';
    if (figures.isLastGood) figures.lastGoodMs = Date.now();
  }

  private tell(reason: string, outcome: ReloadOutcome): void {
    const { log } = this.context;
    if (outcome.status === 'refused') {
      const { problems } = outcome;
      log.error('reload refused: the configuration before it goes on', {
        reason,
        problems: problems.slice(0, LOGGED_PROBLEMS),
        problem_count: problems.length,
        duration_ms: outcome.durationMs,
      });
      return;
    }
    const [restart, live] = [true, false].map((isRestart) =>
      outcome.changes.filter(({ needs }) => (needs === 'restart') === isRestart).map(({ key }) => key),
    );
    log.info(outcome.status === 'applied' ? 'configuration reloaded' : 'configuration reloaded: nothing changed', {
      reason,
      changed: live,
      duration_ms: outcome.durationMs,
    });
    for (const warning of outcome.warnings) log.warn('configuration warning', { warning });
    if (restart !== undefined && restart.length > 0) log.warn('restart required', { keys: restart });
  }
}

/** A start goes on without the secrets of Doppler; a program that has them does not give them up because of a bad minute. */
function lostSecrets(running: LoadedConfig, loaded: LoadedConfig): string[] {
  if (running.doppler !== 'read' || loaded.doppler !== 'failed') return [];
  return loaded.warnings.filter(({ key }) => key === 'doppler').map(formatProblem);
}

function isLive(changes: readonly ConfigChange[]): boolean {
  return changes.some(({ needs }) => needs === 'reload');
}

/** Texts of a new configuration, those of some keys being the running ones. */
function keptOf(
  texts: ReadonlyMap<string, string>,
  running: ReadonlyMap<string, string>,
  kept: readonly string[],
): ReadonlyMap<string, string> {
  if (kept.length === 0) return texts;
  const mixed = new Map(texts);
  for (const key of kept) {
    const text = running.get(key);
    if (text === undefined) mixed.delete(key);
    else mixed.set(key, text);
  }
  return mixed;
}
