import type { ErrorCode } from '../../base/errors/catalogue.ts';
import type { BackendMetrics } from '../../telemetry/metrics/backend-metrics.ts';
import type { LeaseWaiter, UpstreamBackend } from '../exchange/upstream.ts';
import type { OutcomeRecorder } from './backend-outcome.ts';
import type { Pool } from './pool.ts';

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

  acquire(waiter: LeaseWaiter): void {
    this.pool.acquire(waiter);
  }

  record(status: number, seconds: number, failure: ErrorCode | null): void {
    if (status > 0) this.metrics.record(status, seconds);
    if (failure === null) this.outcomes.answered(status, seconds * 1_000);
    else this.outcomes.failed(failure, seconds * 1_000);
  }

  /** Closes what is idle; requests that run end by themselves. */
  close(): void {
    this.pool.close();
  }
}
