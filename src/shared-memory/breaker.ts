import type { BreakerSettings } from '../config/resilience-settings.ts';
import { GATE } from './gate-cells.ts';
import type { BreakerTurn, GateMemory } from './gate-memory.ts';

/** States of a breaker, by the number that stands for them. */
export const BREAKER_STATES = ['closed', 'open', 'half_open', 'forced_open'] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

const CLOSED = 0;
const OPEN = 1;
const HALF_OPEN = 2;
const FORCED_OPEN = 3;
const STATE_MASK = 3;

/** Admission that was refused; no word is equal to it, since no word of this number is one of a state that admits. */
export const REFUSED = -1;

/** Above the state, a word has the ms of its turn in 30 bits: they come round after 12 days, and main's sweep sees to it long before. */
const TIME_SHIFT = 2;
const TIME_MASK = 0x3fffffff;
const TIME_HALF = 0x20000000;
/** Six days: times that lie further apart cannot be told from times that lie ahead. */
const LONGEST_OPEN_MS = 6 * 24 * 3_600_000;
/** Counts belong to one word; above the count they have the lowest bits of its time. */
const TAG_SHIFT = 20;
const COUNT_MASK = 0xfffff;
const TAG_MASK = 0xfff;
/** Looks at a breaker that others turn at the same moment, before a request is refused. */
const MAX_LOOKS = 8;

/**
 * Circuit breaker of one backend, the same in all threads: closed, after `threshold` failures in a row open, after `openMs`
 * half-open for at most `maxTrials` requests at a time; `successThreshold` of them close it, one that fails opens it again (SPEC F).
 *
 * State and time are one word that changes by compare-and-swap. A request is admitted under a word and its outcome counts only as
 * long as the breaker still has it: what began before the breaker turned says nothing about the backend after. Nothing is locked.
 */
export class SharedBreaker {
  private readonly memory: GateMemory;
  /** Null: nothing that happens turns it, only an operator. */
  private readonly settings: BreakerSettings | null;

  constructor(memory: GateMemory, settings: BreakerSettings | null) {
    this.memory = memory;
    this.settings = settings;
  }

  get state(): BreakerState {
    return breakerStateOf(this.word());
  }

  /** Failures in a row while it is closed. */
  get failures(): number {
    return this.countOf(this.memory.load(GATE.breakerFailures), this.word());
  }

  /** Whether `admit` would let a request through now. */
  get isAdmitting(): boolean {
    const word = this.memory.peek(GATE.breaker);
    const state = word & STATE_MASK;
    if (state === CLOSED) return true;
    if (state === HALF_OPEN) return this.memory.trials() < this.maxTrials;
    return state === OPEN && this.isOver(word);
  }

  /** Asks for one request: the ticket that its outcome is told with, or {@link REFUSED}. */
  admit(): number {
    const word = this.memory.peek(GATE.breaker);
    return (word & STATE_MASK) === CLOSED ? word : this.admitTrial();
  }

  /** An admitted request succeeded. Reads, and nothing more, as long as all do. */
  succeeded(ticket: number): void {
    if ((ticket & STATE_MASK) === HALF_OPEN) this.trialSucceeded(ticket);
    else if ((this.memory.peek(GATE.breakerFailures) & COUNT_MASK) !== 0) this.endRun(ticket);
  }

  /** An admitted request failed by the backend's fault, for `reason`. */
  failed(ticket: number, reason: string): void {
    const { settings } = this;
    if ((ticket & STATE_MASK) === HALF_OPEN) {
      this.turn(ticket, OPEN, { failures: 1, reason });
      this.giveBack();
    } else if (settings !== null) {
      const failures = this.count(GATE.breakerFailures, ticket);
      if (failures >= Math.min(settings.threshold, COUNT_MASK)) this.turn(ticket, OPEN, { failures, reason });
    }
  }

  /** An admitted request has no outcome. */
  withdrawn(ticket: number): void {
    if (ticket !== REFUSED && (ticket & STATE_MASK) === HALF_OPEN) this.giveBack();
  }

  /** Gives back all trials of this worker; none of them may be told of later. */
  leave(): void {
    this.memory.dropTrials();
  }

  /** Half-open as soon as its time is over, whether or not a request comes. Main only. */
  sweep(): void {
    const word = this.word();
    if ((word & STATE_MASK) === OPEN && this.isOver(word)) this.turn(word, HALF_OPEN);
  }

  /** Half-open at once, if it is open: something else than requests showed that the backend is well again. Main only. */
  shorten(): void {
    const word = this.word();
    if (this.settings !== null && (word & STATE_MASK) === OPEN) this.turn(word, HALF_OPEN);
  }

  /** Turns it for an operator, from whatever it is. */
  force(to: 'closed' | 'forced_open'): void {
    const state = to === 'closed' ? CLOSED : FORCED_OPEN;
    for (;;) {
      const word = this.word();
      if ((word & STATE_MASK) === state || this.turn(word, state)) return;
    }
  }

  private get maxTrials(): number {
    return this.settings?.maxTrials ?? 0;
  }

  private word(): number {
    return this.memory.load(GATE.breaker);
  }

  private isOver(word: number): boolean {
    const elapsed = (this.memory.clock() - (word >>> TIME_SHIFT)) & TIME_MASK;
    // The other half lies ahead: another thread turned it after this one had read its clock.
    return this.settings !== null && elapsed < TIME_HALF && elapsed >= Math.min(this.settings.openMs, LONGEST_OPEN_MS);
  }

  /** While it is not closed. */
  private admitTrial(): number {
    for (let look = 0; look < MAX_LOOKS; look++) {
      const word = this.word();
      const state = word & STATE_MASK;
      if (state === CLOSED) return word;
      if (state === OPEN && this.isOver(word)) {
        this.turn(word, HALF_OPEN);
      } else if (state !== HALF_OPEN || !this.takeTrial()) {
        return REFUSED;
      } else {
        if (this.word() === word) return word;
        this.giveBack();
      }
    }
    return REFUSED;
  }

  /**
   * Takes a place in the own row, then counts all rows, and gives it back when that is one too many: of several threads that do so
   * at once each sees the others. There is no other count, so that a thread that dies at any step leaves nothing but its row.
   */
  private takeTrial(): boolean {
    const { memory, maxTrials } = this;
    for (let look = 0; look < MAX_LOOKS; look++) {
      if (memory.trials() >= maxTrials) return false;
      memory.holdTrial(1);
      if (memory.trials() <= maxTrials) return true;
      memory.holdTrial(-1);
    }
    return false;
  }

  private giveBack(): void {
    this.memory.holdTrial(-1);
  }

  private trialSucceeded(ticket: number): void {
    const successes = this.count(GATE.trialSuccesses, ticket);
    const enough = Math.min(this.settings?.successThreshold ?? 1, COUNT_MASK);
    if (successes >= enough) this.turn(ticket, CLOSED, { successes });
    this.giveBack();
  }

  /** Zeroes the failures in a row, if they are still those of the ticket's word. */
  private endRun(ticket: number): void {
    const { memory } = this;
    for (;;) {
      const run = memory.load(GATE.breakerFailures);
      if (this.countOf(run, ticket) === 0) return;
      if (memory.swap(GATE.breakerFailures, run, run & ~COUNT_MASK)) return;
    }
  }

  /** Counts one more under the ticket's word; 0 when the breaker has another one by now. */
  private count(cell: number, ticket: number): number {
    const { memory } = this;
    for (;;) {
      const before = memory.load(cell);
      const count = Math.min(this.countOf(before, ticket) + 1, COUNT_MASK);
      if (count === 1 && this.word() !== ticket) return 0;
      if (memory.swap(cell, before, (tagOf(ticket) << TAG_SHIFT) | count)) return count;
    }
  }

  private countOf(cell: number, word: number): number {
    return cell >>> TAG_SHIFT === tagOf(word) ? cell & COUNT_MASK : 0;
  }

  /** Exactly one of all that try gets true, and tells it. */
  private turn(from: number, to: number, details: Partial<BreakerTurn> = {}): boolean {
    const { memory } = this;
    const last = from >>> TIME_SHIFT;
    const now = memory.clock() & TIME_MASK;
    // Two turns in one millisecond are two words all the same; only the time of an open one means anything.
    const time = now === last && to !== OPEN ? (now + 1) & TIME_MASK : now;
    if (to === CLOSED) memory.startSlowly();
    this.forget(to === HALF_OPEN ? GATE.trialSuccesses : GATE.breakerFailures, from);
    if (!memory.swap(GATE.breaker, from, (time << TIME_SHIFT) | to)) return false;
    memory.add(GATE.turns + to, 1);
    memory.tell({ kind: 'breaker', ...details, from: breakerStateOf(from), to: breakerStateOf(to) });
    return true;
  }

  /** Zeroes a count before the breaker turns: its tag comes round within seconds. */
  private forget(cell: number, word: number): void {
    const before = this.memory.load(cell);
    if (this.word() === word) this.memory.swap(cell, before, 0);
  }
}

/** The state that the cell of a breaker stands for. */
export function breakerStateOf(word: number): BreakerState {
  return BREAKER_STATES[word & STATE_MASK] as BreakerState;
}

function tagOf(word: number): number {
  return (word >>> TIME_SHIFT) & TAG_MASK;
}
