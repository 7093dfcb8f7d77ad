import type { TimerWheel } from '../../base/time/timer-wheel.ts';
import type { RetryAllowance } from '../proxy/retry-policy.ts';
import type { WorkerMetrics } from '../../telemetry/metrics/worker-metrics.ts';
import type { Filter } from '../exchange/filter.ts';
import type { OperationsView } from '../exchange/operations-view.ts';
import type { UpstreamBackend } from '../exchange/upstream.ts';
import type { BackendSources } from '../filters/endpoints/backend-reports.ts';
import type { PoolLimits } from '../upstream/pool.ts';
import type { BackendTarget } from '../upstream/registry.ts';

/** Where backends come from: the registry of a worker, or whoever only wants to see what would be sent. */
export interface BackendSource {
  acquire(target: BackendTarget, limits: PoolLimits): UpstreamBackend;
}

/** What compiling needs of the worker. */
export interface CompileContext {
  readonly workerIndex: number;
  readonly registry: BackendSource;
  readonly metrics: WorkerMetrics;
  readonly wheel: TimerWheel;
  /** Of all workers together. */
  readonly retryAllowance: RetryAllowance;
  /** Pseudonym of this instance in Via. */
  readonly via: string;
  /** Name of this machine, lower case. */
  readonly hostname: string;
  readonly view: OperationsView;
  /** Shows requests and answers in debug lines, where that is switched on; the same for all routes. */
  readonly capture?: Filter | null;
  /** What is known of the state of backends. */
  readonly backends: BackendSources;
}
