import type { BackendMetrics } from '../../telemetry/metrics/worker-metrics.ts';
import type { LeaseWaiter, UpstreamBackend } from '../exchange/upstream.ts';
import type { Pool } from './pool.ts';

/** One backend of this worker: its pool and its counters. Lives in the registry, across snapshots. */
export class Backend implements UpstreamBackend {
  readonly name: string;
  readonly authority: string;
  readonly basePath: string;
  private readonly pool: Pool;
  private readonly metrics: BackendMetrics;

  constructor(name: string, authority: string, basePath: string, pool: Pool, metrics: BackendMetrics) {
    this.name = name;
    this.authority = authority;
    this.basePath = basePath;
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
