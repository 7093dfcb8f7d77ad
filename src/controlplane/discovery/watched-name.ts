import type { DiscoverySettings } from '../../config/resilience-settings.ts';
import type { NameAnswer } from './name-source.ts';

/** Longest wait after a failed look-up, however many failed before it. */
const LONGEST_RETRY_MS = 30_000;
/** A look-up comes up to this share of its time early, so that names that were learnt together are not asked for together. */
const JITTER = 0.1;
const LONGEST_TIMER_MS = 2_147_483_647;

/** What is told of a watched name. */
export interface WatchOwner<T> {
  /** The limits of TTLs that hold now. */
  readonly settings: DiscoverySettings;
  /** Asks for it now. */
  look(): Promise<NameAnswer<T>>;
  /** A look-up ended; `isRepeated` = it failed, and so did the one before. */
  looked(answer: NameAnswer<T>, isRepeated: boolean): void;
  /** What was handed out is not what holds now. */
  changed(before: T | null, after: T): void;
}

/**
 * One name that is looked up again and again, as often as its TTL says within the limits. A failed look-up changes nothing: the
 * last good answer holds until there is another one.
 */
export class WatchedName<T> {
  private readonly owner: WatchOwner<T>;
  private readonly first: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  private value: T | null = null;
  private handedOut: string | null = null;
  private failures = 0;
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;
  /** Somebody else is to be asked than the one whose answer is awaited. */
  private isOutdated = false;

  constructor(owner: WatchOwner<T>) {
    this.owner = owner;
    void this.look();
  }

  /** `fresh`: the last look-up found it; `stale`: an earlier one did; `unresolved`: none ever did. */
  get state(): 'fresh' | 'stale' | 'unresolved' {
    if (this.value === null) return 'unresolved';
    return this.failures === 0 ? 'fresh' : 'stale';
  }

  /**
   * What holds when the first look-up has ended, or at `limit`; null = it was never found. From then on the owner hears of changes.
   */
  async current(limit: Promise<void>): Promise<T | null> {
    await Promise.race([this.first.promise, limit]);
    this.handedOut = JSON.stringify(this.value);
    return this.value;
  }

  /** Looks it up no more. */
  stop(): void {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.first.resolve();
  }

  /** Looks it up at once, since who is asked has changed; an answer that is on its way counts no more. */
  refresh(): void {
    this.isOutdated = this.timer === null;
    if (this.timer === null) return;
    clearTimeout(this.timer);
    this.timer = null;
    void this.look();
  }

  private async look(): Promise<void> {
    const answer = await this.answer();
    if (this.stopped) return;
    const isRepeated = answer.kind !== 'found' && this.failures > 0;
    this.failures = answer.kind === 'found' ? 0 : this.failures + 1;
    this.owner.looked(answer, isRepeated);
    if (answer.kind === 'found') this.take(answer.value);
    this.first.resolve();
    const waitMs = Math.min(this.waitMs(answer), LONGEST_TIMER_MS);
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.look();
    }, waitMs).unref();
  }

  private async answer(): Promise<NameAnswer<T>> {
    let answer: NameAnswer<T>;
    do {
      this.isOutdated = false;
      answer = await this.owner.look();
    } while (this.isOutdated && !this.stopped);
    return answer;
  }

  private take(value: T): void {
    const before = this.value;
    this.value = value;
    if (this.handedOut === null || JSON.stringify(value) === this.handedOut) return;
    // Handed out as soon as the owner asks for it; told once, even if it never does.
    this.handedOut = JSON.stringify(value);
    this.owner.changed(before, value);
  }

  private waitMs(answer: NameAnswer<T>): number {
    const { minTtlMs, maxTtlMs } = this.owner.settings;
    const wholeMs =
      answer.kind === 'found'
        ? Math.min(maxTtlMs, Math.max(minTtlMs, answer.ttlMs))
        : Math.max(minTtlMs, Math.min(LONGEST_RETRY_MS, minTtlMs * 2 ** (this.failures - 1)));
    return wholeMs * (1 - JITTER * Math.random());
  }
}
