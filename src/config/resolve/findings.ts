import type { MergedLayers } from '../layers/merge.ts';
import { keyText } from '../problem.ts';
import type { ConfigProblem, ProblemSeverity } from '../problem.ts';

/** Collects what the rules between keys find. */
export class Findings {
  readonly problems: ConfigProblem[] = [];
  readonly merged: MergedLayers;
  private readonly left: ReadonlySet<string>;

  /** @param left keys whose values were wrong and are told already; the checked configuration has defaults for them */
  constructor(merged: MergedLayers, left: ReadonlySet<string>) {
    this.merged = merged;
    this.left = left;
  }

  /** Adds a finding about a key, with the place where that was written. */
  add(severity: ProblemSeverity, path: readonly PropertyKey[], message: string, allowed?: string): void {
    const origin = this.merged.originOf(path).text;
    this.problems.push({ severity, key: keyText(path), origin, message, allowed });
  }

  /** Whether a key's value in the checked configuration is what was meant, and not a default in place of a wrong one. */
  isSound(key: string): boolean {
    return !this.left.has(key);
  }

  /** Whether someone wrote a value for the key. */
  isWritten(key: string): boolean {
    return this.merged.has(key);
  }
}
