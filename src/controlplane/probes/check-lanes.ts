/** Checks that may be under way and answer quickly, as far as anybody knows. */
const FAST = 64;
/** Checks that may hang at the same time. */
const SLOW = 2_048;
/** A check that is not over after this long makes room for others. */
const SLOW_AFTER_MS = 100;

/**
 * Bounds how many checks are under way, so that 10,000 backends are not asked in one instant, and so that those that hang keep
 * nobody waiting: a check that takes long leaves its place to others, and one that hung before does not take such a place.
 */
export class CheckLanes {
  private readonly fast: Lane;
  private readonly slow: Lane;
  private readonly slowAfterMs: number;

  constructor(limits = { fast: FAST, slow: SLOW, slowAfterMs: SLOW_AFTER_MS }) {
    this.fast = new Lane(limits.fast);
    this.slow = new Lane(limits.slow);
    this.slowAfterMs = limits.slowAfterMs;
  }

  /**
   * Runs a check when there is room.
   *
   * @param isSlow it took long the last time
   */
  async run<T>(check: () => Promise<T>, isSlow: boolean): Promise<T> {
    if (isSlow) return this.slow.run(check);
    await this.fast.enter();
    let lane = this.fast;
    // Beyond the bound of the slow lane nobody moves over: then as many hang as may hang.
    const timer = setInterval(() => {
      if (!this.slow.tryEnter()) return;
      clearInterval(timer);
      this.fast.leave();
      lane = this.slow;
    }, this.slowAfterMs).unref();
    try {
      return await check();
    } finally {
      clearInterval(timer);
      lane.leave();
    }
  }
}

class Lane {
  private readonly limit: number;
  private taken = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  async run<T>(check: () => Promise<T>): Promise<T> {
    await this.enter();
    try {
      return await check();
    } finally {
      this.leave();
    }
  }

  tryEnter(): boolean {
    if (this.taken >= this.limit) return false;
    this.taken++;
    return true;
  }

  async enter(): Promise<void> {
    if (this.tryEnter()) return;
    // Whoever leaves hands the place over.
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.taken--;
    else next();
  }
}
