import type { PassiveHealthSettings } from '../config/resilience-settings.ts';
import { elapsedMs, GATE, GATE_ROW, timeCell } from './gate-cells.ts';
import type { EjectionChange, GateMemory } from './gate-memory.ts';

/** What a backend is ejected for, in the order of their counters. */
export const EJECTION_CAUSES = ['consecutive_failures', 'failure_share'] as const;
export type EjectionCause = (typeof EJECTION_CAUSES)[number];

/** In the lowest bit of an end: the ejection is not decided yet. */
const UNDECIDED = 1;
/** 0.29 of 100 are 29, not 28.999999999999996. */
const ROUNDING = 1e-9;
/** In place of a window's begin: a thread is about to write its bases. */
const BEGINNING = 1;

/**
 * Ejection of one backend by what live traffic shows, the same in all threads (SPEC F; Envoy calls it outlier detection). Its
 * length grows with every further ejection and shrinks again with the time in service.
 */
export class SharedEjection {
  private readonly memory: GateMemory;
  private readonly settings: PassiveHealthSettings | null;
  private readonly countsShare: boolean;
  /** Main saw a window that is being begun: if it is still so at the next sweep, its thread died. */
  private sawBeginning = false;
  /** The undecided mark that main saw, if any: as long as that takes only a thread that died. */
  private sawUndecided = 0;

  constructor(memory: GateMemory, settings: PassiveHealthSettings | null) {
    this.memory = memory;
    this.settings = settings;
    this.countsShare = settings !== null && settings.failureShare > 0;
  }

  /** Whether no request should come. Ends an ejection whose time is over. */
  get isEjected(): boolean {
    const until = this.memory.peek(GATE.ejectedUntil);
    if (until === 0 || (until & UNDECIDED) !== 0) return false;
    if (!this.isPast(until)) return true;
    this.end(until);
    return false;
  }

  /** Ms until it may come back; 0 = it is not ejected. */
  get remainingMs(): number {
    const until = this.memory.load(GATE.ejectedUntil);
    return until === 0 || (until & UNDECIDED) !== 0 ? 0 : Math.max(0, -elapsedMs(this.memory.clock(), until));
  }

  /** An attempt succeeded. Writes nothing that threads share as long as all do. */
  succeeded(): void {
    if (this.countsShare) this.memory.countOutcome(GATE_ROW.successes);
    if (this.memory.peek(GATE.failuresInRow) !== 0) this.memory.store(GATE.failuresInRow, 0);
  }

  /**
   * An attempt failed by the backend's fault.
   *
   * @param peers of the group that it was made for, the backend among them
   */
  failed(reason: string, peers: readonly number[]): void {
    const { settings, memory } = this;
    if (settings === null || this.isEjected) return;
    if (this.countsShare) memory.countOutcome(GATE_ROW.failures);
    const failures = memory.add(GATE.failuresInRow, 1);
    if (settings.consecutiveFailures > 0 && failures >= settings.consecutiveFailures)
      this.eject(peers, { kind: 'ejected', cause: 'consecutive_failures', failures, reason });
    else if (this.countsShare) this.lookAtShare(settings, reason, peers);
  }

  /** Ends what is over, and heals what a thread left behind that died. Main only, about once a second. */
  sweep(): void {
    const { memory, settings } = this;
    const until = memory.load(GATE.ejectedUntil);
    if (until !== 0 && this.isPast(until)) this.end(until);
    const isUndecided = (until & UNDECIDED) !== 0;
    if (isUndecided && until === this.sawUndecided) memory.swap(GATE.ejectedUntil, until, 0);
    this.sawUndecided = isUndecided ? until : 0;
    const isBeginning = memory.load(GATE.windowAt) === BEGINNING;
    if (isBeginning && this.sawBeginning) memory.swap(GATE.windowAt, BEGINNING, 0);
    this.sawBeginning = isBeginning;
    if (settings !== null) this.forget(settings);
  }

  /** Forgets what no longer counts, long before its time comes round. */
  private forget(settings: PassiveHealthSettings): void {
    const { memory } = this;
    const times = memory.load(GATE.ejectionsInRow);
    if (times !== 0 && this.inRow(settings) === 0) memory.swap(GATE.ejectionsInRow, times, 0);
    const begunAt = memory.load(GATE.windowAt);
    if (begunAt !== 0 && begunAt !== BEGINNING && elapsedMs(memory.clock(), begunAt) > settings.windowMs)
      memory.swap(GATE.windowAt, begunAt, 0);
  }

  /** Brings the backend back before its time. Main only. */
  shorten(): void {
    const until = this.memory.load(GATE.ejectedUntil);
    if (until !== 0 && (until & UNDECIDED) === 0) this.end(until);
  }

  /** Brings the backend back for an operator. */
  reset(): void {
    const until = this.memory.load(GATE.ejectedUntil);
    if (until !== 0) this.end(until);
    this.memory.store(GATE.failuresInRow, 0);
    this.memory.store(GATE.ejectionsInRow, 0);
  }

  private lookAtShare(settings: PassiveHealthSettings, reason: string, peers: readonly number[]): void {
    const { memory } = this;
    const begunAt = memory.load(GATE.windowAt);
    if (begunAt === BEGINNING) return;
    if (begunAt === 0 || elapsedMs(memory.clock(), begunAt) > settings.windowMs) {
      this.beginWindow(begunAt);
      return;
    }
    const failures = (memory.outcomes(GATE_ROW.failures) - memory.load(GATE.windowFailures)) | 0;
    const successes = (memory.outcomes(GATE_ROW.successes) - memory.load(GATE.windowSuccesses)) | 0;
    const requests = failures + successes;
    if (requests >= settings.minRequests && failures >= requests * settings.failureShare)
      this.eject(peers, { kind: 'ejected', cause: 'failure_share', failures, requests, reason });
  }

  /** A window begins with a failure, which is in it. */
  private beginWindow(before: number): void {
    const { memory } = this;
    if (!memory.swap(GATE.windowAt, before, BEGINNING)) return;
    memory.store(GATE.windowSuccesses, memory.outcomes(GATE_ROW.successes));
    memory.store(GATE.windowFailures, (memory.outcomes(GATE_ROW.failures) - 1) | 0);
    memory.store(GATE.windowAt, timeCell(memory.clock()));
  }

  /**
   * Marks the backend, then counts the marked ones of the group, then decides or takes the mark back: of several backends that
   * are ejected at the same moment in different threads, none is one too many, since each sees the marks of the others.
   */
  private eject(peers: readonly number[], change: EjectionChange): void {
    const { memory } = this;
    const settings = this.settings as PassiveHealthSettings;
    const allowed = allowedEjections(peers.length, settings.maxEjectedShare);
    if (allowed === 0) return;
    const nowMs = memory.clock();
    const times = this.inRow(settings) + 1;
    const ejectedMs = Math.min(settings.ejectMs * times, settings.maxEjectMs);
    const until = timeCell(nowMs + ejectedMs);
    if (!memory.swap(GATE.ejectedUntil, 0, until | UNDECIDED)) return;
    if (this.marked(peers, nowMs) > allowed) {
      memory.swap(GATE.ejectedUntil, until | UNDECIDED, 0);
      return;
    }
    memory.store(GATE.ejectionsInRow, times);
    memory.store(GATE.returnedAt, until);
    memory.store(GATE.failuresInRow, 0);
    memory.store(GATE.windowAt, 0);
    if (!memory.swap(GATE.ejectedUntil, until | UNDECIDED, until)) return;
    memory.add(GATE.ejections + EJECTION_CAUSES.indexOf(change.cause as EjectionCause), 1);
    memory.tell({ ...change, ejectedMs });
  }

  private marked(peers: readonly number[], nowMs: number): number {
    let count = 0;
    for (const backend of peers) {
      const until = this.memory.loadOf(backend, GATE.ejectedUntil);
      if (until !== 0 && elapsedMs(nowMs, until) < 0) count++;
    }
    return count;
  }

  private end(until: number): void {
    const { memory } = this;
    memory.startSlowly();
    if (memory.swap(GATE.ejectedUntil, until, 0) && (until & UNDECIDED) === 0) memory.tell({ kind: 'returned' });
  }

  /** Ejections in a row, less one for each first length that it has been in service since. */
  private inRow({ ejectMs }: PassiveHealthSettings): number {
    const { memory } = this;
    const served = elapsedMs(memory.clock(), memory.load(GATE.returnedAt));
    return Math.max(0, memory.load(GATE.ejectionsInRow) - Math.max(0, Math.floor(served / ejectMs)));
  }

  private isPast(until: number): boolean {
    return elapsedMs(this.memory.clock(), until & ~UNDECIDED) >= 0;
  }
}

/** Whether the cell of an ejection's end says that it lasts. */
export function isEjectedUntil(until: number, steadyMs: number): boolean {
  return until !== 0 && (until & UNDECIDED) === 0 && elapsedMs(steadyMs, until) < 0;
}

/** How many of a group may be ejected at a time: the share, rounded down, but one of two or more always, and never a lone one. */
function allowedEjections(size: number, share: number): number {
  return size < 2 ? 0 : Math.max(1, Math.floor(size * share + ROUNDING));
}
