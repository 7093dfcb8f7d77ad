import { CounterReader, SeriesDirectory } from '../../shared-memory/counters.ts';
import { HELD, HeldValues } from '../../shared-memory/held.ts';
import { LogRingReader } from '../../shared-memory/log-ring.ts';
import type { Regions } from '../../shared-memory/regions.ts';
import { DURATION_BUCKETS, FAMILY, METHODS, WORKER_COUNTERS } from '../../telemetry/metrics/families.ts';

/** Names of series by their indexes. */
export interface SeriesLabels {
  pathLabel(route: number): string;
  backendLabel(backend: number): string;
}

/** Renders the series that workers write, in the Prometheus text format 0.0.4. */
export class SharedMetricsText {
  private readonly directory: SeriesDirectory;
  private readonly counters: CounterReader;
  private readonly held: HeldValues;
  private readonly labels: SeriesLabels;
  private readonly logRings: readonly LogRingReader[];

  constructor(regions: Regions, labels: SeriesLabels) {
    this.directory = new SeriesDirectory(regions);
    this.counters = new CounterReader(regions);
    this.held = new HeldValues(regions, -1);
    this.labels = labels;
    this.logRings = regions.logRings.map((ring) => new LogRingReader(ring));
  }

  /** All families, summed over the workers, dead ones included. */
  render(): string {
    const entries = [...this.directory.entries()];
    const requests: string[] = [];
    const durations: string[] = [];
    const backends: string[] = [];
    const workers: string[] = [];
    for (const { family, a, b, c, slot } of entries) {
      if (family === FAMILY.requests) {
        requests.push(
          `rwwwrse_requests_total{method="${METHODS[b]}",path="${quote(this.labels.pathLabel(a))}",status="${c}"} ${this.counters.sum(slot)}`,
        );
      } else if (family === FAMILY.requestDuration) {
        durations.push(...this.histogram(`method="${METHODS[b]}",path="${quote(this.labels.pathLabel(a))}"`, slot));
      } else if (family === FAMILY.backendRequests) {
        backends.push(
          `rwwwrse_backend_requests_total{backend="${quote(this.labels.backendLabel(a))}",status="${c}"} ${this.counters.sum(slot)}`,
        );
      } else if (family === FAMILY.worker) {
        const name = `rwwwrse_${WORKER_COUNTERS[a]}_total`;
        workers.push(
          `# HELP ${name} ${WORKER_HELP[a]}`,
          `# TYPE ${name} counter`,
          `${name} ${this.counters.sum(slot)}`,
        );
      }
    }
    return [
      ...familyText(
        'rwwwrse_requests_total',
        'counter',
        'Requests answered, by method, route path and status.',
        requests,
      ),
      ...familyText(
        'rwwwrse_request_duration_seconds',
        'histogram',
        'Time from the complete request head to the end of the answer.',
        durations,
      ),
      ...familyText(
        'rwwwrse_backend_requests_total',
        'counter',
        'Attempts sent to backends, by the status of their answer.',
        backends,
      ),
      ...this.gauges(),
      ...workers,
      ...this.droppedLines(),
      '',
    ].join('\n');
  }

  private histogram(labels: string, slot: number): string[] {
    const lines: string[] = [];
    let count = 0;
    for (let i = 0; i <= DURATION_BUCKETS.length; i++) {
      count += this.counters.sum(slot + i);
      lines.push(`rwwwrse_request_duration_seconds_bucket{${labels},le="${DURATION_BUCKETS[i] ?? '+Inf'}"} ${count}`);
    }
    const sum = this.counters.sum(slot + DURATION_BUCKETS.length + 1);
    lines.push(
      `rwwwrse_request_duration_seconds_sum{${labels}} ${sum}`,
      `rwwwrse_request_duration_seconds_count{${labels}} ${count}`,
    );
    return lines;
  }

  private droppedLines(): string[] {
    const name = 'rwwwrse_access_log_lines_dropped_total';
    const dropped = this.logRings.reduce((sum, ring) => sum + ring.dropped, 0);
    return familyText(name, 'counter', 'Access-log lines dropped because their file or pipe was too slow.', [
      `${name} ${dropped}`,
    ]);
  }

  private gauges(): string[] {
    const gauge = (name: string, help: string, value: number): string[] =>
      familyText(name, 'gauge', help, [`${name} ${value}`]);
    return [
      ...gauge('rwwwrse_active_connections', 'Open client connections.', this.held.total(HELD.connections)),
      ...gauge('rwwwrse_active_requests', 'Requests being answered.', this.held.total(HELD.requests)),
      ...gauge(
        'rwwwrse_upstream_connections_active',
        'Backend connections in use.',
        this.held.total(HELD.upstreamActive),
      ),
      ...gauge(
        'rwwwrse_upstream_connections_idle',
        'Backend connections kept for reuse.',
        this.held.total(HELD.upstreamIdle),
      ),
      ...gauge(
        'rwwwrse_buffer_bytes',
        'Bytes held for clients and backends in buffers.',
        this.held.total(HELD.bufferKib) * 1024,
      ),
      ...gauge(
        'rwwwrse_metric_series_overflows',
        'Look-ups of series that found no room in shared memory.',
        this.directory.overflows,
      ),
    ];
  }
}

const WORKER_HELP: readonly string[] = [
  'Client connections accepted.',
  'Client connections refused by a limit.',
  'Throws caught by a fence; each is a defect of the program.',
  'Requests whose client went away before the answer was complete.',
  'Requests sent a second time after a reused backend connection had died.',
];

function familyText(name: string, type: string, help: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}

function quote(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
