import { type ErrorCode, errorEntry } from '../../base/errors/catalogue.ts';
import type { BackendGate } from '../../shared-memory/backend-gate.ts';
import type { BackendMetrics } from '../../telemetry/metrics/backend-metrics.ts';
import { type AdmittedAttempt, type LeaseWaiter, NO_TICKET, type UpstreamBackend } from '../exchange/upstream.ts';
import type { WireTarget } from '../wire/open.ts';
import { closesGate, isUnavailable, type OutcomeRecorder } from './backend-outcome.ts';
import type { Pool, PoolLimits } from './pool.ts';

/** A failure that says nothing about how fast the backend answers. */
const NOT_MEASURED = -1;
/** What an attempt counts as that a client's fault ended: the client's own status would look like an answer of the backend. */
const CLIENT_ENDED = 499;

/** What a backend is, apart from its state. */
export interface BackendIdentity {
  readonly name: string;
  readonly authority: string;
  readonly basePath: string;
}

/** What the state of a backend goes to and comes from. */
export interface BackendParts {
  readonly metrics: BackendMetrics;
  readonly outcomes: OutcomeRecorder;
  readonly gate: BackendGate | null;
}

/** One backend of this worker: its pool and its counters. Lives in the registry, across snapshots. */
export class Backend implements UpstreamBackend {
  readonly name: string;
  readonly authority: string;
  readonly basePath: string;
  private readonly pool: Pool;
  private readonly metrics: BackendMetrics;
  private outcomes: OutcomeRecorder | null;
  /** Null beyond GATE_ENTRIES, and when it is gone: nothing keeps requests from it. */
  private gate: BackendGate | null;
  /** No configuration has it any more: it is there for requests of routes that were. */
  private isGone = false;

  constructor(target: BackendIdentity, pool: Pool, { metrics, outcomes, gate }: BackendParts) {
    this.name = target.name;
    this.authority = target.authority;
    this.basePath = target.basePath;
    this.pool = pool;
    this.metrics = metrics;
    this.outcomes = outcomes;
    this.gate = gate;
  }

  get inFlight(): number {
    return this.pool.inFlight;
  }

  get isAvailable(): boolean {
    return !this.isGone && this.pool.hasAddress && (this.gate === null || this.gate.isAvailable);
  }

  get share(): number {
    return this.gate === null ? 1 : this.gate.share;
  }

  get isAdmitting(): boolean {
    return this.gate === null || this.gate.isAdmitting;
  }

  admit(attempt: AdmittedAttempt): boolean {
    if (this.gate === null) return true;
    const ticket = this.gate.admit();
    attempt.ticket = ticket;
    return ticket !== NO_TICKET;
  }

  withdrawn(attempt: AdmittedAttempt): void {
    const { ticket } = attempt;
    attempt.ticket = NO_TICKET;
    this.gate?.withdrawn(ticket);
  }

  acquire(waiter: LeaseWaiter): void {
    this.pool.acquire(waiter);
  }

  waited(queueMs: number, connectMs: number): void {
    this.metrics.recordWait(queueMs / 1_000, connectMs / 1_000);
  }

  answered(attempt: AdmittedAttempt, status: number, seconds: number): void {
    const { ticket } = attempt;
    attempt.ticket = NO_TICKET;
    this.metrics.record(status, seconds);
    this.outcomes?.answered(status, seconds * 1_000);
    if (this.gate === null) return;
    if (isUnavailable(status)) this.gate.failed(ticket, String(status), attempt.route.peers);
    else this.gate.succeeded(ticket);
  }

  failed(attempt: AdmittedAttempt, code: ErrorCode, seconds: number | null, isCounted: boolean): void {
    const { ticket } = attempt;
    attempt.ticket = NO_TICKET;
    const { source, status } = errorEntry(code);
    const measured = seconds ?? NOT_MEASURED;
    if (!isCounted) this.metrics.record(source === 'downstream' ? CLIENT_ENDED : status, measured);
    if (source !== 'downstream') this.metrics.recordFailure(code);
    this.outcomes?.failed(code, measured * 1_000);
    if (closesGate(code)) this.gate?.failed(ticket, code, attempt.route.peers);
    else this.gate?.withdrawn(ticket);
  }

  /** Takes over other addresses and limits; requests that run keep their connections. */
  update(addresses: readonly WireTarget[], limits: PoolLimits): void {
    this.pool.update(addresses, limits);
  }

  /**
   * No configuration has it any more. It answers what still comes from routes of before, but only where these have no backend that
   * stays; what becomes of that is nobody's business, since its place in shared memory may be another backend's soon.
   */
  leave(): void {
    this.isGone = true;
    this.gate?.leave();
    this.gate = null;
    this.outcomes = null;
    this.pool.close();
  }

  /** Closes what is idle; requests that run end by themselves. */
  close(): void {
    this.pool.close();
  }
}
