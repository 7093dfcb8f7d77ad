import type { SeriesEntry } from '../../shared-memory/counters.ts';
import { BACKEND_HELD, HeldBackends } from '../../shared-memory/held-backends.ts';
import { HELD, HeldValues } from '../../shared-memory/held.ts';
import { LogRingReader } from '../../shared-memory/log-ring.ts';
import { PathTable } from '../../shared-memory/path-table.ts';
import type { Regions } from '../../shared-memory/regions.ts';
import { CATALOGUE } from '../../telemetry/metrics/catalogue.ts';
import type { MetricFamily } from '../../telemetry/metrics/metric-family.ts';
import { type Exposition, labelText } from '../../telemetry/metrics/exposition.ts';
import {
  FAMILY,
  RETRY_DENIALS,
  RETRY_REASONS,
  METHODS,
  SIZE_BUCKETS,
  type WorkerCounter,
  WORKER_COUNTERS,
} from '../../telemetry/metrics/families.ts';
import type { ReloadFigures } from '../reload/reload-outcome.ts';
import { writeBackends } from './backend-page.ts';
import { type CheckPageSource, writeChecks } from './check-page.ts';
import type { LookupFigures } from '../discovery/lookup-figures.ts';
import { distinctSeries, sumOfHistograms } from './distinct-series.ts';
import { failureCounts, writeBackendFailures, writeFailures } from './failure-page.ts';
import { type GatePageSource, writeGates } from './gate-page.ts';
import { LabelTexts, type SeriesLabels } from './label-texts.ts';
import { writeLookups } from './lookup-page.ts';
import { writeProcess } from './process-page.ts';
import type { Sampler } from './sampler.ts';
import type { SeriesByFamily, SharedSeries } from './shared-series.ts';
import { writeStreams } from './stream-page.ts';
import { writeThreads } from './thread-page.ts';

/** What a page shows besides the series. */
export interface PageContext {
  readonly regions: Regions;
  readonly labels: SeriesLabels;
  readonly version: string;
  /** Wall clock of the program's start, ms. */
  readonly startedMs: number;
  /** Most connections per backend; 0 = no limit. */
  readonly maxPerBackend: () => number;
  readonly reloads: ReloadFigures;
  /** Workers that take new connections now. */
  readonly workers: () => number;
  /** Workers replaced since the start. */
  readonly restarts: () => number;
  readonly checks: CheckPageSource;
  readonly lookups: LookupFigures;
  readonly gates: GatePageSource;
}

const WORKER_FAMILIES: Readonly<Record<WorkerCounter, MetricFamily>> = {
  connections_accepted: CATALOGUE.connectionsAccepted,
  connections_refused: CATALOGUE.connectionsRefused,
  internal_defects: CATALOGUE.internalDefects,
};
/** Series between two looks at the clock. */
const YIELD_EVERY = 50;

/** Writes all metrics, in steps. */
export class MetricsPage {
  /** Places of the backends that the configuration has. */
  places: ReadonlySet<number> = new Set();
  private readonly context: PageContext;
  private readonly series: SharedSeries;
  private readonly sampler: Sampler;
  private readonly held: HeldValues;
  private readonly heldBackends: HeldBackends;
  private readonly paths: PathTable;
  private readonly labels: LabelTexts;
  private readonly logRings: readonly LogRingReader[];

  constructor(context: PageContext, series: SharedSeries, sampler: Sampler) {
    this.context = context;
    this.series = series;
    this.sampler = sampler;
    this.held = new HeldValues(context.regions, -1);
    this.heldBackends = new HeldBackends(context.regions, -1);
    this.paths = new PathTable(context.regions);
    this.labels = new LabelTexts(context.labels, this.paths);
    this.logRings = context.regions.logRings.map((ring) => new LogRingReader(ring));
  }

  /** Writes everything; yields where something else may run in between. */
  *write(to: Exposition): Generator<void> {
    const families = this.series.byFamily();
    yield;
    yield* this.writeRequests(to, families);
    this.writeGauges(to);
    yield* writeBackends(to, {
      families,
      series: this.series,
      windows: this.sampler.windows,
      held: this.heldBackends,
      labels: this.labels,
      places: this.places,
      maxPerBackend: this.context.maxPerBackend(),
    });
    yield* writeChecks(to, this.context.checks);
    writeLookups(to, this.context.lookups);
    writeStreams(to, families, this.series, this.held);
    yield* writeBackendFailures(to, families, this.series, this.labels);
    const failures = failureCounts(families.get(FAMILY.failures) ?? [], this.series);
    writeFailures(to, failures, this.sampler.failures.since(failures));
    yield* writeGates(to, this.context.gates, this.labels);
    this.writeCounters(to, families);
    writeThreads(to, families, this.series, this.sampler);
    this.writeProgram(to);
    writeProcess(to, this.sampler, this.held);
  }

  private *writeRequests(to: Exposition, families: SeriesByFamily): Generator<void> {
    const labels = ({ a, b }: SeriesEntry): string =>
      `${labelText('method', METHODS[b] ?? 'OTHER')},path="${this.labels.path(a)}"`;
    const requests = to.family(CATALOGUE.requests);
    const withStatus = (entry: SeriesEntry): string => `${labels(entry)},status="${entry.c}"`;
    let written = 0;
    for (const { labels: text, slots } of distinctSeries(families.get(FAMILY.requests) ?? [], withStatus)) {
      to.sample(
        requests,
        text,
        slots.reduce((sum, slot) => sum + this.series.value(slot), 0),
      );
      if (written++ % YIELD_EVERY === 0) yield;
    }
    const endpoints = to.family(CATALOGUE.endpointRequests);
    for (const { c, slot } of families.get(FAMILY.endpointRequests) ?? [])
      to.sample(endpoints, `status="${c}"`, this.series.value(slot));
    const durations = to.family(CATALOGUE.requestDuration);
    for (const { labels: text, slots } of distinctSeries(families.get(FAMILY.requestDuration) ?? [], labels)) {
      to.histogram(durations, text, sumOfHistograms(slots.map((slot) => this.series.histogram(slot))));
      if (written++ % YIELD_EVERY === 0) yield;
    }
    this.writeSizes(to, CATALOGUE.requestSize, families.get(FAMILY.requestSize));
    this.writeSizes(to, CATALOGUE.responseSize, families.get(FAMILY.responseSize));
  }

  private writeSizes(to: Exposition, family: MetricFamily, entries: readonly SeriesEntry[] = []): void {
    const name = to.family(family);
    for (const { b, slot } of entries)
      to.histogram(
        name,
        labelText('method', METHODS[b] ?? 'OTHER'),
        this.series.histogram(slot, SIZE_BUCKETS),
        SIZE_BUCKETS,
      );
  }

  private writeGauges(to: Exposition): void {
    to.single(CATALOGUE.activeConnections, this.held.total(HELD.connections));
    to.single(CATALOGUE.activeRequests, this.held.total(HELD.requests));
    to.single(CATALOGUE.requestsPerSecond, this.sampler.requestsPerSecond);
    to.single(CATALOGUE.bufferBytes, this.held.total(HELD.bufferKib) * 1024);
    to.single(CATALOGUE.upstreamActive, this.heldBackends.totalOfAll(BACKEND_HELD.active));
    to.single(CATALOGUE.upstreamIdle, this.heldBackends.totalOfAll(BACKEND_HELD.idle));
  }

  private writeCounters(to: Exposition, families: SeriesByFamily): void {
    for (const { a, slot } of families.get(FAMILY.worker) ?? []) {
      const name = WORKER_COUNTERS[a];
      if (name !== undefined) to.single(WORKER_FAMILIES[name], this.series.value(slot));
    }
    this.writeReasons(to, CATALOGUE.upstreamRetries, RETRY_REASONS, families.get(FAMILY.retries));
    this.writeReasons(to, CATALOGUE.upstreamRetriesDenied, RETRY_DENIALS, families.get(FAMILY.retryDenials));
    to.single(
      CATALOGUE.linesDropped,
      this.logRings.reduce((sum, ring) => sum + ring.dropped + ring.lost, 0),
    );
    to.single(CATALOGUE.series, this.series.directory.size);
    to.single(CATALOGUE.seriesOverflows, this.series.directory.overflows);
    to.single(CATALOGUE.rawPaths, this.paths.size);
  }

  private writeReasons(
    to: Exposition,
    family: MetricFamily,
    reasons: readonly string[],
    entries: readonly SeriesEntry[] = [],
  ): void {
    const name = to.family(family);
    for (const { a, slot } of entries) {
      const reason = reasons[a];
      if (reason !== undefined) to.sample(name, `reason="${reason}"`, this.series.value(slot));
    }
  }

  private writeReloads(to: Exposition): void {
    const { reloads } = this.context;
    const total = to.family(CATALOGUE.configReloads);
    for (const result of ['applied', 'unchanged', 'refused'] as const)
      to.sample(total, `result="${result}"`, reloads[result]);
    to.single(CATALOGUE.configLastReloadSuccessful, reloads.isLastGood ? 1 : 0);
    to.single(CATALOGUE.configLastReloadSuccess, reloads.lastGoodMs / 1_000);
    to.single(CATALOGUE.configRestartRequired, reloads.restartRequired);
  }

  private writeProgram(to: Exposition): void {
    const { version, startedMs, workers, restarts } = this.context;
    to.single(CATALOGUE.workers, workers());
    to.single(CATALOGUE.workerRestarts, restarts());
    this.writeReloads(to);
    const name = to.family(CATALOGUE.buildInfo);
    to.sample(name, `${labelText('version', version)},${labelText('node_version', process.version)}`, 1);
    to.single(CATALOGUE.startTime, startedMs / 1000);
  }
}
