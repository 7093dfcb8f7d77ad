import { keyOfFileKey } from '../file-keys.ts';
import type { MergedLayers } from '../layers/merge.ts';
import { keyText } from '../problem.ts';
import type { ConfigProblem, ProblemSeverity } from '../problem.ts';
import { readReason } from '../read-reason.ts';
import type { ReadFile } from '../read-reason.ts';

/** Collects what the rules between keys find. */
export class Findings {
  readonly problems: ConfigProblem[] = [];
  readonly merged: MergedLayers;
  private readonly left: ReadonlySet<string>;
  private readonly read: ReadFile;
  private unread: ReadonlySet<string> | null = null;

  /** @param left keys whose values were wrong and are told already; the checked configuration has defaults for them */
  constructor(merged: MergedLayers, left: ReadonlySet<string>, read: ReadFile) {
    this.merged = merged;
    this.left = left;
    this.read = read;
  }

  /** Adds a finding about a key, with the place where that was written. */
  add(severity: ProblemSeverity, path: readonly PropertyKey[], message: string, allowed?: string): void {
    const origin = this.merged.originOf(path).text;
    this.problems.push({ severity, key: keyText(path), origin, message, allowed });
  }

  /** Adds an error about a name that is not there. */
  addUnknown(path: readonly PropertyKey[], message: string, didYouMean: string | undefined): void {
    const origin = this.merged.originOf(path).text;
    this.problems.push({ severity: 'error', key: keyText(path), origin, message, didYouMean });
  }

  /** Whether a key's value in the checked configuration is what was meant, and not a default in place of a wrong one. */
  isSound(key: string): boolean {
    return !this.left.has(key);
  }

  /** Whether someone wrote a value for the key. */
  isWritten(key: string): boolean {
    return this.merged.entries.has(key) || this.merged.hasInside(key);
  }

  /** Whether a file that a key names could not be read, which is told already. */
  isFailed(path: readonly string[]): boolean {
    this.unread ??= withoutValue(this.merged);
    return this.unread.has(path.join('.'));
  }

  /** Names of all routes, those with mistakes too. */
  routeNames(): ReadonlySet<string> {
    const keys = [...this.merged.entries.keys()].filter((key) => key.startsWith('routes.'));
    return new Set(keys.map((key) => key.split('.')[1] as string));
  }

  /** The text of a file that a key names; null = an error about it is told. */
  readFile(path: readonly PropertyKey[], file: string): string | null {
    try {
      return this.read(file);
    } catch (error) {
      this.add('error', path, `cannot read ${JSON.stringify(file)}: ${readReason(error)}`);
      return null;
    }
  }
}

/** Keys of files that hold no value. */
function withoutValue({ entries }: MergedLayers): ReadonlySet<string> {
  const keys = [...entries.keys()].filter((key) => {
    const base = keyOfFileKey(key);
    return base !== null && !entries.has(base);
  });
  return new Set(keys);
}
