import { type ErrorCode, errorEntry } from '../../base/errors/catalogue.ts';
import type { BackendMetrics } from '../../telemetry/metrics/backend-metrics.ts';
import type { LeaseWaiter, UpstreamBackend } from '../exchange/upstream.ts';
import type { OutcomeRecorder } from './backend-outcome.ts';
import type { Pool } from './pool.ts';

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

  admit(): boolean {
    return true;
  }

  withdrawn(): void {
    return;
  }

  acquire(waiter: LeaseWaiter): void {
    this.pool.acquire(waiter);
  }

  answered(status: number, seconds: number): void {
    this.metrics.record(status, seconds);
    this.outcomes.answered(status, seconds * 1_000);
  }

  failed(code: ErrorCode, seconds: number | null, isCounted: boolean): void {
    const { source, status } = errorEntry(code);
    const measured = seconds ?? NOT_MEASURED;
    if (!isCounted) this.metrics.record(source === 'downstream' ? CLIENT_ENDED : status, measured);
    this.outcomes.failed(code, measured * 1_000);
  }

  /** Closes what is idle; requests that run end by themselves. */
  close(): void {
    this.pool.close();
  }
}
