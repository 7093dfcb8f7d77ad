import type { BackendPolicy } from '../config/resilience-settings.ts';
import { REFUSED, SharedBreaker } from './breaker.ts';
import { SharedEjection } from './ejection.ts';
import { elapsedMs, GATE, GATE_FLAG } from './gate-cells.ts';
import { GateMemory, type GateTable } from './gate-memory.ts';

/** Where slow start begins: a backend that got nothing could not show that it works. */
const FIRST_SHARE = 0.1;

/** What a gate needs to know of a backend. */
export type GatePolicy = Pick<BackendPolicy, 'breaker' | 'passiveHealth' | 'slowStartMs'>;

/**
 * Whether requests may go to one backend: its breaker, its ejection, what main says of it, and how much it may take after it came
 * back. All of it is in shared memory and the same for all workers. While a backend is well, selecting it and telling its
 * successes only read.
 */
export class BackendGate {
  readonly breaker: SharedBreaker;
  readonly ejection: SharedEjection;
  private readonly memory: GateMemory;
  private readonly slowStartMs: number;

  /** @param backend its place, below GATE_ENTRIES */
  constructor(table: GateTable, backend: number, policy: GatePolicy) {
    this.memory = new GateMemory(table, backend, policy.slowStartMs);
    this.breaker = new SharedBreaker(this.memory, policy.breaker);
    this.ejection = new SharedEjection(this.memory, policy.passiveHealth);
    this.slowStartMs = policy.slowStartMs;
  }

  /** Nothing stands against a request. */
  get isAvailable(): boolean {
    return this.memory.peek(GATE.flags) === 0 && !this.ejection.isEjected && this.breaker.isAdmitting;
  }

  /** Nothing stands against a request that must never be overruled. */
  get isAdmitting(): boolean {
    return (this.memory.peek(GATE.flags) & GATE_FLAG.out) === 0 && this.breaker.isAdmitting;
  }

  /** Part of its requests that it should get: grows evenly from a tenth to 1 over the slow start. */
  get share(): number {
    if (this.slowStartMs === 0) return 1;
    const since = this.memory.peek(GATE.recoveredAt);
    return since === 0 ? 1 : this.growingShare(since);
  }

  /** Asks for one request: the ticket that its outcome is told with, or {@link REFUSED}. */
  admit(): number {
    return (this.memory.peek(GATE.flags) & GATE_FLAG.out) === 0 ? this.breaker.admit() : REFUSED;
  }

  /** A request with this ticket succeeded. */
  succeeded(ticket: number): void {
    this.breaker.succeeded(ticket);
    this.ejection.succeeded();
  }

  /** A request failed by the backend's fault; without a ticket, after its success had been told. */
  failed(ticket: number, reason: string, peers: readonly number[]): void {
    if (ticket !== REFUSED) this.breaker.failed(ticket, reason);
    this.ejection.failed(reason, peers);
  }

  /** A request says nothing about the backend. */
  withdrawn(ticket: number): void {
    this.breaker.withdrawn(ticket);
  }

  /** Its active checks pass again after they had failed: it need not wait for the time that live traffic gave it. Main only. */
  recovered(): void {
    this.breaker.shorten();
    this.ejection.shorten();
  }

  /** This worker lets go of the backend: its trials are nobody's. */
  leave(): void {
    this.breaker.leave();
  }

  /** Sees to everything that time alone does: about once a second, by main. */
  sweep(): void {
    this.breaker.sweep();
    this.ejection.sweep();
    const since = this.memory.load(GATE.recoveredAt);
    if (since !== 0) this.growingShare(since);
  }

  private growingShare(since: number): number {
    const passed = Math.max(0, elapsedMs(this.memory.clock(), since));
    if (passed < this.slowStartMs) return FIRST_SHARE + (1 - FIRST_SHARE) * (passed / this.slowStartMs);
    this.memory.swap(GATE.recoveredAt, since, 0);
    return 1;
  }
}
