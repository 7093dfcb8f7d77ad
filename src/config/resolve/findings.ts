import type { MergedLayers } from '../layers/merge.ts';
import { keyText } from '../problem.ts';
import type { ConfigProblem, ProblemSeverity } from '../problem.ts';

/** Collects what the rules between keys find. */
export class Findings {
  readonly problems: ConfigProblem[] = [];
  readonly merged: MergedLayers;

  constructor(merged: MergedLayers) {
    this.merged = merged;
  }

  /** Adds a finding about a key, with the place where that was written. */
  add(severity: ProblemSeverity, path: readonly PropertyKey[], message: string, allowed?: string): void {
    const origin = this.merged.originOf(path).text;
    this.problems.push({ severity, key: keyText(path), origin, message, allowed });
  }

  /** Whether someone wrote a value for the key. */
  isWritten(key: string): boolean {
    return this.merged.has(key);
  }
}
