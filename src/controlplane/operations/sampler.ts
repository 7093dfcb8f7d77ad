import { FAMILY } from '../../telemetry/metrics/families.ts';
import { ownThreadSlots, ThreadProbe, type ThreadSlots } from '../../telemetry/metrics/thread-probe.ts';
import { type ProcessSample, sampleProcess } from './process-sample.ts';
import { failureCounts } from './failure-page.ts';
import { RecentFailures } from './recent-failures.ts';
import { ResponseWindows } from './response-windows.ts';
import type { SharedSeries } from './shared-series.ts';
import { type SampledThread, ThreadSamples } from './thread-samples.ts';

/** How often main looks how late its timers are. */
const PROBE_MS = 100;

/** Everything that is measured now and then, and not when it happens: one timer, every RWWWRSE_METRICS_INTERVAL. */
export class Sampler {
  readonly threads: ThreadSamples;
  readonly windows: ResponseWindows = new ResponseWindows(performance.now());
  readonly failures: RecentFailures = new RecentFailures();
  /** Delays and garbage collections of main. */
  readonly mainSlots: ThreadSlots = ownThreadSlots();
  process: ProcessSample | null = null;
  requestsPerSecond = 0;
  private readonly series: SharedSeries;
  private readonly intervalMs: () => number;
  private lastTotal = 0;
  private lastMs: number = performance.now();
  private running: Promise<void> | null = null;
  private timers: NodeJS.Timeout[] = [];
  private probe: ThreadProbe | null = null;

  constructor(series: SharedSeries, intervalMs: () => number, threads: () => readonly SampledThread[]) {
    this.series = series;
    this.intervalMs = intervalMs;
    this.threads = new ThreadSamples(threads);
  }

  /** Takes the first sample and then one every interval; does not keep the process alive. */
  start(): void {
    const probe = new ThreadProbe(this.mainSlots, PROBE_MS);
    this.probe = probe;
    this.timers = [setInterval(() => probe.tick(performance.now()), PROBE_MS).unref()];
    this.sampleNext();
  }

  /** No more samples. */
  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.probe?.close();
  }

  /** A changed interval holds from the next sample on. */
  private sampleNext(): void {
    void this.sample();
    this.timers[1] = setTimeout(() => this.sampleNext(), this.intervalMs()).unref();
  }

  /** Takes a sample now; together with the one that is being taken, if there is one. */
  sample(): Promise<void> {
    this.running ??= this.sampleAll().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async sampleAll(): Promise<void> {
    const nowMs = performance.now();
    this.countRequests(nowMs);
    this.windows.rotate(nowMs, this.responseTimes());
    this.failures.keep(nowMs, failureCounts(this.series.directory.entries(), this.series));
    const [sample] = await Promise.all([sampleProcess(), this.threads.refresh()]);
    this.process = sample;
  }

  private countRequests(nowMs: number): void {
    const total = this.series.requestTotal();
    const seconds = (nowMs - this.lastMs) / 1000;
    this.requestsPerSecond = seconds > 0 ? (total - this.lastTotal) / seconds : 0;
    this.lastTotal = total;
    this.lastMs = nowMs;
  }

  private *responseTimes(): Generator<readonly [number, Float64Array]> {
    for (const { family, slot } of this.series.directory.entries())
      if (family === FAMILY.backendDuration) yield [slot, this.series.fine(slot)];
  }
}
