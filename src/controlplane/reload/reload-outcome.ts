import type { ConfigChange } from '../../config/diff.ts';

/** How a reload came out. */
export type ReloadOutcome =
  | {
      readonly status: 'applied' | 'unchanged';
      /** What differs from the configuration before, those that take a restart included. */
      readonly changes: readonly ConfigChange[];
      readonly warnings: readonly string[];
      readonly durationMs: number;
    }
  | {
      readonly status: 'refused';
      /** Everything that is wrong, one line each. */
      readonly problems: readonly string[];
      readonly durationMs: number;
    };

/** Reloads since the start, for the metrics. */
export interface ReloadFigures {
  applied: number;
  unchanged: number;
  refused: number;
  /** Whether the last one was not refused; the start counts as one. */
  isLastGood: boolean;
  /** Wall clock of the last one that was not refused, ms. */
  lastGoodMs: number;
  /** Keys whose written value waits for a restart. */
  restartRequired: number;
}

/** The figures of a program that has just started. */
export function firstFigures(): ReloadFigures {
  return { applied: 0, unchanged: 0, refused: 0, isLastGood: true, lastGoodMs: Date.now(), restartRequired: 0 };
}
