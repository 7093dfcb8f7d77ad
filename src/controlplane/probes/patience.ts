/** A timer that is later than this by more than chance: the thread stood still, and could not hear an answer that was there. */
const STOOD_STILL_MS = 20;

/**
 * A timeout that does not blame others for a busy moment of its own thread. A timer that is overdue is run before anything that
 * came meanwhile is read: with a plain one, a main thread that compiles a large configuration for half a second finds that every
 * backend with a short timeout has failed. So who expires late waits once more, as long as the thread stood still, and not longer
 * than the first time.
 */
export class Patience {
  private readonly over: () => void;
  private readonly limitMs: number;
  private dueMs: number;
  private timer: NodeJS.Timeout;

  /** Does not keep the process alive. */
  constructor(limitMs: number, over: () => void) {
    this.over = over;
    this.limitMs = limitMs;
    this.dueMs = performance.now() + limitMs;
    this.timer = setTimeout(() => this.expired(), limitMs).unref();
  }

  /** What is left, more than 0. */
  get remainingMs(): number {
    return Math.max(1, this.dueMs - performance.now());
  }

  /** It is not needed any more. */
  stop(): void {
    clearTimeout(this.timer);
  }

  private expired(): void {
    const lateMs = performance.now() - this.dueMs;
    if (lateMs <= STOOD_STILL_MS) {
      this.over();
      return;
    }
    const moreMs = Math.min(lateMs, this.limitMs);
    this.dueMs += lateMs + moreMs;
    this.timer = setTimeout(this.over, moreMs).unref();
  }
}
