import type { BackendMetrics } from '../../telemetry/metrics/worker-metrics.ts';
import type { LeaseWaiter, UpstreamBackend } from '../exchange/upstream.ts';
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

  constructor(target: BackendIdentity, pool: Pool, metrics: BackendMetrics) {
    this.name = target.name;
    this.authority = target.authority;
    this.basePath = target.basePath;
    this.pool = pool;
    this.metrics = metrics;
  }

  acquire(waiter: LeaseWaiter): void {
    this.pool.acquire(waiter);
  }

  record(status: number): void {
    this.metrics.record(status);
  }

  /** Closes what is idle; requests that run end by themselves. */
  close(): void {
    this.pool.close();
  }
}
