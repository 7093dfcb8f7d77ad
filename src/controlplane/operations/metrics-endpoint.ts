import type { EndpointSettings } from '../../config/resolved-config.ts';
import type { TrafficPlan } from '../../dataplane/snapshot/traffic-plan.ts';
import { Exposition } from '../../telemetry/metrics/exposition.ts';
import { FAMILY, METHODS } from '../../telemetry/metrics/families.ts';
import { FINE_SLOTS } from '../../telemetry/metrics/fine-histogram.ts';
import type { MetricsFormat } from '../../telemetry/metrics/formats.ts';
import { MetricsPage, type PageContext } from './metrics-page.ts';
import { Sampler } from './sampler.ts';
import { SharedSeries } from './shared-series.ts';
import type { SampledThread } from './thread-samples.ts';

/** What the metrics need of the program. */
export interface MetricsContext extends PageContext {
  /** As they are now. */
  readonly settings: () => EndpointSettings;
  /** Workers that run now. */
  readonly threads: () => readonly SampledThread[];
}

/** Longest time for which main renders without letting anything else run. */
const SLICE_MS = 10;
/** Routes and backends whose series exist from the start; of more, they would be too much of the page. */
const PREPARED = 100;
const PREPARED_METHODS: readonly number[] = ['GET', 'POST'].map((method) => METHODS.indexOf(method));
const PREPARED_STATUSES: readonly number[] = [401, 500, 502, 503, 504];

/** The metrics of the program: collected by workers and by a sampler, rendered in main, one page at a time. */
export class MetricsEndpoint {
  private readonly context: MetricsContext;
  private readonly series: SharedSeries;
  private readonly sampler: Sampler;
  private readonly page: MetricsPage;
  private readonly waiting: Map<MetricsFormat, Promise<string>> = new Map();
  private last: Promise<unknown> = Promise.resolve();

  constructor(context: MetricsContext) {
    const { regions, settings, threads } = context;
    this.context = context;
    this.series = new SharedSeries(regions);
    this.sampler = new Sampler(this.series, () => settings().metricsIntervalMs, threads);
    this.page = new MetricsPage(context, this.series, this.sampler);
  }

  /**
   * Makes the series of a plan's routes and backends that must exist before anything happens: a rate sees the first error of a
   * series only if the series was 0 before (SPEC D.3).
   */
  prepare(plan: TrafficPlan): void {
    if (!this.context.settings().metricsEnabled) return;
    const backends = plan.routes.flatMap(({ targets }) => targets.map(({ backend }) => backend));
    this.page.places = new Set(backends.map(({ place }) => place));
    const { directory } = this.series;
    const routes = new Set(plan.routes.map(({ index }) => index));
    for (const a of [...routes].slice(0, PREPARED))
      for (const b of PREPARED_METHODS)
        for (const c of PREPARED_STATUSES) directory.slotOf({ family: FAMILY.requests, a, b, c }, 1);
    for (const a of [...new Set(backends.map(({ series }) => series))].slice(0, PREPARED))
      directory.slotOf({ family: FAMILY.backendDuration, a, b: 0, c: 0 }, FINE_SLOTS);
  }

  /** Begins to sample, unless metrics are off. */
  start(): void {
    if (this.context.settings().metricsEnabled) this.sampler.start();
  }

  /** Samples no longer. */
  stop(): void {
    this.sampler.stop();
  }

  /** The page as it is when all pages that were asked for before are done; those who ask meanwhile for the same get the same. */
  render(format: MetricsFormat): Promise<string> {
    const known = this.waiting.get(format);
    if (known !== undefined) return known;
    const page = this.last.then(() => {
      this.waiting.delete(format);
      return this.renderNow(format);
    });
    this.waiting.set(format, page);
    this.last = page.catch(() => undefined);
    return page;
  }

  private async renderNow(format: MetricsFormat): Promise<string> {
    if (this.sampler.process === null) await this.sampler.sample();
    const exposition = new Exposition(format, this.context.settings().metricsPrefix);
    let sliceStart = performance.now();
    for (const _ of this.page.write(exposition)) {
      if (performance.now() - sliceStart < SLICE_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      sliceStart = performance.now();
    }
    return exposition.end();
  }
}
