import { DURATION_BUCKETS } from '../../telemetry/metrics/families.ts';
import type { CheckOutcome } from './check.ts';

/** Targets that have figures of their own; all further ones count as one, so that the page of metrics stays readable. */
const MOST_TARGETS = 1_000;
const OTHER = 'other';

/** Checks of one target since the start of the program. */
export interface CheckCounts {
  readonly target: string;
  readonly passed: number;
  readonly failed: number;
  /** Checks per bucket of {@link DURATION_BUCKETS}, +Inf the last. */
  readonly counts: readonly number[];
  /** Seconds in all. */
  readonly sum: number;
}

interface Counting extends CheckCounts {
  passed: number;
  failed: number;
  readonly counts: number[];
  sum: number;
}

/** Counts checks by their target, for the life of the program. */
export class CheckFigures {
  private readonly targets: Map<string, Counting> = new Map();
  private readonly limit: number;

  constructor(limit = MOST_TARGETS) {
    this.limit = limit;
  }

  /** A target that is checked from now on: its counters exist before they count, so that a rate sees the first failure. */
  prepare(target: string): void {
    this.figuresOf(target);
  }

  /** Counts a check that ended. */
  count(target: string, outcome: CheckOutcome): void {
    const figures = this.figuresOf(target);
    if (outcome.failure === null) figures.passed++;
    else figures.failed++;
    const seconds = outcome.durationMs / 1_000;
    const bucket = DURATION_BUCKETS.findIndex((bound) => seconds <= bound);
    const at = bucket < 0 ? DURATION_BUCKETS.length : bucket;
    figures.counts[at] = (figures.counts[at] as number) + 1;
    figures.sum += seconds;
  }

  /** All targets, in the order in which they were first checked. */
  all(): readonly CheckCounts[] {
    return [...this.targets.values()];
  }

  private figuresOf(target: string): Counting {
    const name = this.targets.has(target) || this.targets.size < this.limit ? target : OTHER;
    const known = this.targets.get(name);
    if (known !== undefined) return known;
    const counts = Array.from({ length: DURATION_BUCKETS.length + 1 }, () => 0);
    const created: Counting = { target: name, passed: 0, failed: 0, counts, sum: 0 };
    this.targets.set(name, created);
    return created;
  }
}
