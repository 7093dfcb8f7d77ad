/**
 * Lets a test wait for a condition that changes only with events: whoever owns the state calls `notify` after each change, and
 * waiters look again. Nothing is polled and nothing sleeps.
 */
export class Changes {
  private readonly waiters = new Set<() => void>();

  /** Says that something changed. */
  notify(): void {
    for (const look of this.waiters) look();
  }

  /** Resolves as soon as `holds` is true; rejects with `what` after `deadlineMs`. */
  until(what: string, holds: () => boolean, deadlineMs: number): Promise<void> {
    if (holds()) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (holds()) end(resolve);
    };
    const timer = setTimeout(() => end(() => reject(new Error(`not within ${deadlineMs} ms: ${what}`))), deadlineMs);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      this.waiters.delete(look);
      settle();
    };
    this.waiters.add(look);
    return promise;
  }
}
