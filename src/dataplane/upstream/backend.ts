import { type ErrorCode, errorEntry } from '../../base/errors/catalogue.ts';
import type { BackendMetrics } from '../../telemetry/metrics/backend-metrics.ts';
import { type AdmittedAttempt, type LeaseWaiter, NO_TICKET, type UpstreamBackend } from '../exchange/upstream.ts';
import type { WireTarget } from '../wire/open.ts';
import type { OutcomeRecorder } from './backend-outcome.ts';
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

/** One backend of this worker: its pool and its counters. Lives in the registry, across snapshots. */
export class Backend implements UpstreamBackend {
  readonly name: string;
  readonly authority: string;
  readonly basePath: string;
  private readonly pool: Pool;
  private readonly metrics: BackendMetrics;
  private readonly outcomes: OutcomeRecorder;

  constructor(target: BackendIdentity, pool: Pool, metrics: BackendMetrics, outcomes: OutcomeRecorder) {
    this.name = target.name;
    this.authority = target.authority;
    this.basePath = target.basePath;
    this.pool = pool;
    this.metrics = metrics;
    this.outcomes = outcomes;
  }

  get inFlight(): number {
    return this.pool.inFlight;
  }

  get isAvailable(): boolean {
    return true;
  }

  get share(): number {
    return 1;
  }

  get isAdmitting(): boolean {
    return true;
  }

  admit(attempt: AdmittedAttempt): boolean {
    attempt.ticket = 0;
    return true;
  }

  withdrawn(attempt: AdmittedAttempt): void {
    attempt.ticket = NO_TICKET;
  }

  acquire(waiter: LeaseWaiter): void {
    this.pool.acquire(waiter);
  }

  waited(queueMs: number, connectMs: number): void {
    this.metrics.recordWait(queueMs / 1_000, connectMs / 1_000);
  }

  answered(attempt: AdmittedAttempt, status: number, seconds: number): void {
    attempt.ticket = NO_TICKET;
    this.metrics.record(status, seconds);
    this.outcomes.answered(status, seconds * 1_000);
  }

  failed(attempt: AdmittedAttempt, code: ErrorCode, seconds: number | null, isCounted: boolean): void {
    attempt.ticket = NO_TICKET;
    const { source, status } = errorEntry(code);
    const measured = seconds ?? NOT_MEASURED;
    if (!isCounted) this.metrics.record(source === 'downstream' ? CLIENT_ENDED : status, measured);
    if (source !== 'downstream') this.metrics.recordFailure(code);
    this.outcomes.failed(code, measured * 1_000);
  }

  /** Takes over other addresses and limits; requests that run keep their connections. */
  update(addresses: readonly WireTarget[], limits: PoolLimits): void {
    this.pool.update(addresses, limits);
  }

  /** Closes what is idle; requests that run end by themselves. */
  close(): void {
    this.pool.close();
  }
}
