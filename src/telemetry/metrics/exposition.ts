import type { MetricFamily } from './metric-family.ts';
import { DURATION_BUCKETS } from './families.ts';
import type { MetricsFormat } from './formats.ts';

const DEFAULT_PREFIX = 'rwwwrse_';
const TOTAL = '_total';

/** Writes metrics in the Prometheus text format 0.0.4 or in OpenMetrics 1.0.0. */
export class Exposition {
  private readonly format: MetricsFormat;
  private readonly prefix: string;
  /** Values of `le`, +Inf included, by the bounds that they stand for. */
  private readonly bounds: Map<readonly number[], readonly string[]> = new Map();
  private readonly parts: string[] = [];

  /** @param prefix what names begin with instead of `rwwwrse_` */
  constructor(format: MetricsFormat, prefix: string) {
    this.format = format;
    this.prefix = prefix;
  }

  /** Begins a metric; its series follow. OpenMetrics names the family of a counter without `_total`. */
  family({ name, type, help }: MetricFamily): string {
    const full = this.nameOf(name);
    const isPlainCounter = this.format === 'openmetrics' && type === 'counter' && full.endsWith(TOTAL);
    const told = isPlainCounter ? full.slice(0, -TOTAL.length) : full;
    this.parts.push(`# HELP ${told} ${escapeHelp(help)}\n# TYPE ${told} ${type}\n`);
    return full;
  }

  /** A metric with one series and no labels. */
  single(family: MetricFamily, value: number): void {
    this.sample(this.family(family), '', value);
  }

  /** One series; `labels` is `name="value",…` with escaped values, or empty. */
  sample(name: string, labels: string, value: number): void {
    this.parts.push(labels === '' ? `${name} ${numberText(value)}\n` : `${name}{${labels}} ${numberText(value)}\n`);
  }

  /** Histogram: `counts` per bucket, not added up, +Inf the last; of durations unless `bounds` are given. */
  histogram(name: string, labels: string, { counts, sum }: HistogramValues, bounds = DURATION_BUCKETS): void {
    const open = labels === '' ? '' : `${labels},`;
    let total = 0;
    let text = '';
    for (const [i, bound] of this.boundTexts(bounds).entries()) {
      total += counts[i] as number;
      text += `${name}_bucket{${open}le="${bound}"} ${numberText(total)}\n`;
    }
    this.parts.push(text);
    this.sample(`${name}_sum`, labels, sum);
    this.sample(`${name}_count`, labels, total);
  }

  /** Summary: pairs of quantile and value, then sum and count. */
  summary(
    name: string,
    labels: string,
    quantiles: readonly (readonly [number, number])[],
    totals: SummaryTotals,
  ): void {
    const open = labels === '' ? '' : `${labels},`;
    for (const [quantile, value] of quantiles) this.sample(name, `${open}quantile="${this.bound(quantile)}"`, value);
    this.sample(`${name}_sum`, labels, totals.sum);
    this.sample(`${name}_count`, labels, totals.count);
  }

  /** The page; nothing can be added after it. */
  end(): string {
    if (this.format === 'openmetrics') this.parts.push('# EOF\n');
    return this.parts.join('');
  }

  private nameOf(name: string): string {
    return name.startsWith(DEFAULT_PREFIX) ? this.prefix + name.slice(DEFAULT_PREFIX.length) : name;
  }

  private boundTexts(bounds: readonly number[]): readonly string[] {
    const known = this.bounds.get(bounds) ?? [...bounds.map((bound) => this.bound(bound)), '+Inf'];
    this.bounds.set(bounds, known);
    return known;
  }

  /** OpenMetrics wants one spelling of a number in a label: `1.0`; the text format has always had `1`. */
  private bound(value: number): string {
    return this.format === 'openmetrics' && Number.isInteger(value) ? `${value}.0` : String(value);
  }
}

/** Counts per bucket and sum of all values of a histogram. */
export interface HistogramValues {
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Of all values of a summary. */
export interface SummaryTotals {
  readonly sum: number;
  readonly count: number;
}

/** A label with its value escaped. */
export function labelText(name: string, value: string): string {
  return `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}
