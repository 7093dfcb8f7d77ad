/** Deaths within this time make a crash loop. */
const WINDOW_MS = 60_000;
/** Deaths in the window that are replaced at once. */
const FREE_RESTARTS = 3;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;

/** Delays replacements when workers die again and again, so that a crash loop does not eat the machine. */
export class RestartBackoff {
  private deaths: number[] = [];

  /** Records a death at `nowMs`; returns how long the replacement waits, ms. */
  next(nowMs: number): number {
    this.deaths = this.deaths.filter((at) => nowMs - at < WINDOW_MS);
    this.deaths.push(nowMs);
    const excess = this.deaths.length - FREE_RESTARTS;
    return excess <= 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (excess - 1));
  }
}
