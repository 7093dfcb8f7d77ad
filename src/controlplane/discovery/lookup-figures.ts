/** How a look-up of a name can end. */
export type LookupResult = 'found' | 'absent' | 'failed' | 'timeout';

/** What is known of a name: its last look-up found it, an earlier one did, none did. */
export type NameState = 'fresh' | 'stale' | 'unresolved';

/** What the metrics of look-ups are made of. */
export interface LookupFigures {
  /** Look-ups since the start, by their result. */
  readonly lookups: Readonly<Record<LookupResult, number>>;
  /** Wall clock of the last one that found something, ms; 0 = none did. */
  readonly lastSuccessMs: number;
  /** How many names are in each state now. */
  names(): Readonly<Record<NameState, number>>;
}
