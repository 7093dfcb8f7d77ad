/** Types of metrics (Prometheus exposition formats). */
type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary';

/** A metric: all its series have exactly these labels. */
export interface MetricFamily {
  /** Name with the default prefix `rwwwrse_`; names without it are the same whatever RWWWRSE_METRICS_NAMESPACE says. */
  readonly name: string;
  readonly type: MetricType;
  readonly labels: readonly string[];
  readonly help: string;
}

/** A metric with its labels written in one text, parted by spaces. */
export function family(type: MetricType, name: string, labels: string, help: string): MetricFamily {
  return { name, type, labels: labels === '' ? [] : labels.split(' '), help };
}
