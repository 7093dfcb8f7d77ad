import type { Estimate } from './statistics.ts';

/**
 * `not measurable now`: the control says that this machine is too noisy. `not measured`: the row, the peer or the control was left
 * out. `invalid`: something failed while measuring, so that the figure means nothing.
 */
export type Verdict = 'pass' | 'miss' | 'invalid' | 'not measured' | 'not measurable now';

/** What a verdict is made of. */
export interface Judged {
  /** The figure; `null` when it was not measured. */
  readonly figure: number | null;
  /** The largest figure that passes. */
  readonly limit: number;
  /** nginx against a second nginx in the same interleaving; `null` = not run; `'unneeded'` for figures that are not CPU ratios. */
  readonly control: Estimate | null | 'unneeded';
  /** Failures seen while measuring. */
  readonly problems: readonly string[];
}

/** How far the control's median may be from 1 (DESIGN.md 5). */
const CONTROL_TOLERANCE = 0.05;

/** True when two identical programs measured the same, that is: a ratio taken beside them can be believed. */
export function isControlQuiet(control: Estimate): boolean {
  return Math.abs(control.median - 1) <= CONTROL_TOLERANCE;
}

/** The verdict on one bar. A failure while measuring goes before a noisy machine, and that before the figure. */
export function judge(judged: Judged): Verdict {
  if (judged.problems.length > 0) return 'invalid';
  if (judged.figure === null || Number.isNaN(judged.figure)) return 'not measured';
  if (judged.control === null) return 'not measured';
  if (judged.control !== 'unneeded' && !isControlQuiet(judged.control)) return 'not measurable now';
  return judged.figure <= judged.limit ? 'pass' : 'miss';
}
