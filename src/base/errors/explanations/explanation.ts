/** A failure code in words, for operators. */
export interface Explanation {
  /** What has happened. */
  readonly meaning: string;
  /** What to do about it. */
  readonly advice: string;
}

/** Makes an explanation. */
export function explained(meaning: string, advice: string): Explanation {
  return { meaning, advice };
}
