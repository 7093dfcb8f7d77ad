/** Length of a tick: a timeout fires up to two ticks late and never early. */
export const TICK_MS = 50;
const SLOTS = 512;
const NOT_ARMED = -1;

/** Gets a timer's expiry. */
export interface TimerOwner {
  timerExpired(timer: Timer): void;
}

/**
 * One reusable timeout. Arming it for later than it already waits, and disarming it, are a store: the wheel looks again when
 * the old slot comes round. A connection that re-arms its timeout for every request therefore costs next to nothing.
 */
export class Timer {
  /** Wheel time of the expiry in ms, or -1. */
  dueMs: number = NOT_ARMED;
  /** What the owner waits for; free for the owner's use. */
  purpose = 0;
  readonly owner: TimerOwner;
  /** Slot tick under which the timer is linked, or -1. */
  tick: number = NOT_ARMED;
  next: Timer | null = null;
  previous: Timer | null = null;

  constructor(owner: TimerOwner) {
    this.owner = owner;
  }
}

/** All coarse timeouts of a worker on one native timer (DESIGN.md 5). The caller drives it with `advance`. */
export class TimerWheel {
  /** Wheel time of the last `advance`, ms. */
  nowMs: number;
  private readonly slots: (Timer | null)[] = new Array<Timer | null>(SLOTS).fill(null);
  private lastTick: number;
  private readonly defects: unknown[] = [];

  /** @param nowMs the clock's time now; the same clock feeds `advance` */
  constructor(nowMs: number) {
    this.nowMs = nowMs;
    this.lastTick = Math.floor(nowMs / TICK_MS);
  }

  /** Lets `timer` expire in `delayMs` (0 or less = disarm), whatever it waited for before. */
  arm(timer: Timer, delayMs: number, purpose: number): void {
    timer.purpose = purpose;
    if (delayMs <= 0) {
      timer.dueMs = NOT_ARMED;
      return;
    }
    timer.dueMs = this.nowMs + delayMs + TICK_MS;
    const tick = Math.floor(timer.dueMs / TICK_MS);
    if (timer.tick !== NOT_ARMED) {
      if (timer.tick <= tick) return;
      this.unlink(timer);
    }
    this.link(timer, tick);
  }

  /** Stops waiting. */
  disarm(timer: Timer): void {
    timer.dueMs = NOT_ARMED;
  }

  /** Takes the timer out of the wheel for good; for owners that are thrown away, so that nothing keeps them alive. */
  remove(timer: Timer): void {
    timer.dueMs = NOT_ARMED;
    if (timer.tick !== NOT_ARMED) this.unlink(timer);
  }

  /**
   * Expires everything due at `nowMs`; a jump of the clock by more than one round visits each slot once.
   *
   * @throws what an expiry threw, after all others had their turn: one owner's defect must not lose another one's timeout
   */
  advance(nowMs: number): void {
    if (nowMs <= this.nowMs) return;
    this.nowMs = nowMs;
    const tick = Math.floor(nowMs / TICK_MS);
    const from = Math.max(this.lastTick + 1, tick - SLOTS + 1);
    this.lastTick = tick;
    for (let t = from; t <= tick; t++) this.visit(t, tick);
    const defects = this.defects.splice(0);
    if (defects.length > 0)
      throw defects.length === 1 ? (defects[0] as Error) : new AggregateError(defects, 'several timeouts threw');
  }

  /** The slot is emptied before anything expires: an expiry may arm, disarm or remove any timer, its neighbours included. */
  private visit(slotTick: number, nowTick: number): void {
    const slot = slotTick % SLOTS;
    const batch: Timer[] = [];
    for (let timer = this.slots[slot] ?? null; timer !== null; timer = this.slots[slot] ?? null) {
      this.unlink(timer);
      batch.push(timer);
    }
    for (const timer of batch) {
      if (timer.dueMs === NOT_ARMED || timer.tick !== NOT_ARMED) continue;
      if (timer.dueMs > this.nowMs) {
        this.link(timer, Math.max(Math.floor(timer.dueMs / TICK_MS), nowTick + 1));
      } else {
        timer.dueMs = NOT_ARMED;
        this.expire(timer);
      }
    }
  }

  private expire(timer: Timer): void {
    try {
      timer.owner.timerExpired(timer);
    } catch (error) {
      this.defects.push(error);
    }
  }

  private link(timer: Timer, tick: number): void {
    const slot = tick % SLOTS;
    const head = this.slots[slot] ?? null;
    timer.tick = tick;
    timer.next = head;
    timer.previous = null;
    if (head !== null) head.previous = timer;
    this.slots[slot] = timer;
  }

  private unlink(timer: Timer): void {
    if (timer.previous !== null) timer.previous.next = timer.next;
    else this.slots[timer.tick % SLOTS] = timer.next;
    if (timer.next !== null) timer.next.previous = timer.previous;
    timer.next = null;
    timer.previous = null;
    timer.tick = NOT_ARMED;
  }
}
