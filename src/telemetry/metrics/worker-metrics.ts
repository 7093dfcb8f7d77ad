import { counterRow, SeriesDirectory } from '../../shared-memory/counters.ts';
import { PathTable } from '../../shared-memory/path-table.ts';
import type { Regions } from '../../shared-memory/regions.ts';
import { BackendMetrics, SilentBackendMetrics } from './backend-metrics.ts';
import { FAMILY, WORKER_COUNTERS, type WorkerCounter } from './families.ts';
import { EndpointMetrics } from './endpoint-metrics.ts';
import { FailureMetrics } from './failure-metrics.ts';
import { RawPaths } from './raw-paths.ts';
import { RetryMetrics } from './retry-metrics.ts';
import { SizeMetrics } from './size-metrics.ts';
import { StreamMetrics } from './stream-metrics.ts';
import { RouteMetrics, SilentRouteMetrics } from './route-metrics.ts';

/** What is collected. */
export interface Collection {
  /** RWWWRSE_METRICS_ENABLED: false = requests and attempts are not counted. */
  readonly enabled: boolean;
  /** RWWWRSE_DETAILED_METRICS: series by raw path. */
  readonly detailed: boolean;
}

const PLAIN: Collection = { enabled: true, detailed: false };

/** A worker's counters: plain adds to its own row (3.7 ns), slots looked up once per series and kept. */
export class WorkerMetrics {
  /** Series by raw path, or null when paths are those of the routes. */
  rawPaths: RawPaths | null = null;
  /** Sizes of bodies, or null when nothing is collected. */
  readonly sizes: SizeMetrics | null;
  readonly retries: RetryMetrics;
  readonly streams: StreamMetrics;
  private readonly regions: Regions;
  readonly failures: FailureMetrics;
  readonly endpoints: EndpointMetrics;
  private readonly row: Float64Array;
  private readonly directory: SeriesDirectory;
  private readonly enabled: boolean;
  private readonly workerSlots: ReadonlyMap<WorkerCounter, number>;

  constructor(regions: Regions, worker: number, collection: Collection = PLAIN) {
    this.regions = regions;
    this.row = counterRow(regions, worker);
    this.directory = new SeriesDirectory(regions);
    this.enabled = collection.enabled;
    this.workerSlots = new Map(
      WORKER_COUNTERS.map((name, a) => [name, this.directory.slotOf({ family: FAMILY.worker, a, b: 0, c: 0 }, 1)]),
    );
    this.endpoints = new EndpointMetrics(this.row, this.directory);
    this.failures = new FailureMetrics(this.row, this.directory);
    this.retries = new RetryMetrics(this.row, this.directory);
    this.streams = new StreamMetrics(this.row, this.directory);
    this.sizes = collection.enabled ? new SizeMetrics(this.row, this.directory) : null;
    this.detail(collection.detailed);
  }

  /** Counts by raw path from now on, or by route again. */
  detail(isDetailed: boolean): void {
    if (!isDetailed || !this.enabled) this.rawPaths = null;
    else this.rawPaths ??= new RawPaths(new PathTable(this.regions), (index) => this.route(index));
  }

  /** Series of one route. */
  route(index: number): RouteMetrics {
    const Series = this.enabled ? RouteMetrics : SilentRouteMetrics;
    return new Series(this.row, this.directory, index);
  }

  /** Series of one backend. */
  backend(index: number): BackendMetrics {
    const Series = this.enabled ? BackendMetrics : SilentBackendMetrics;
    return new Series(this.row, this.directory, index);
  }

  /** Raises a counter of the worker by one; counted always, they cost nothing and tell of defects. */
  count(name: WorkerCounter): void {
    const slot = this.workerSlots.get(name) as number;
    this.row[slot] = (this.row[slot] as number) + 1;
  }
}
