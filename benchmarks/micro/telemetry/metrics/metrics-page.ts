import type { EndpointSettings } from '../../../../src/config/resolved-config.ts';
import { NO_CHECKS } from '../../../../src/controlplane/operations/check-page.ts';
import { NO_LOOKUPS } from '../../../../src/controlplane/operations/lookup-page.ts';
import { NO_GATES } from '../../../../src/controlplane/operations/gate-page.ts';
import { MetricsEndpoint } from '../../../../src/controlplane/operations/metrics-endpoint.ts';
import { createRegions } from '../../../../src/shared-memory/regions.ts';
import type { MetricsFormat } from '../../../../src/telemetry/metrics/formats.ts';
import { WorkerMetrics } from '../../../../src/telemetry/metrics/worker-metrics.ts';
import { firstFigures } from '../../../../src/controlplane/reload/reload-outcome.ts';

/** Time to render a page of 10,000 series, and the longest time for which nothing else could run (brief: below 50 and 20 ms). */
const SERIES = 10_000;
/** A route and method with its three statuses has 3 counters and a histogram, which has 15 lines. */
const LINES_PER_ROUTE = 18;
const ROUNDS = 21;

const regions = createRegions(6);
const routes = Math.ceil(SERIES / LINES_PER_ROUTE);
for (const row of [0, 1]) {
  const metrics = new WorkerMetrics(regions, row);
  for (let route = 1; route <= routes; route++)
    for (const status of [200, 404, 502]) metrics.route(route).record(0, status, Math.random());
}
const settings = { metricsEnabled: true, metricsIntervalMs: 15_000, metricsPrefix: 'rwwwrse_' } as EndpointSettings;
const endpoint = new MetricsEndpoint({
  regions,
  settings: () => settings,
  reloads: firstFigures(),
  labels: {
    pathLabel: (index) => `/service-${index}/api`,
    backendLabel: (index) => `http://10.0.0.${index}:8080`,
    placeLabel: (place) => `http://10.0.0.${place}:8080`,
  },
  version: '1.0.0',
  startedMs: Date.now(),
  maxPerBackend: () => 100,
  threads: () => [],
  workers: () => 2,
  restarts: () => 0,
  checks: NO_CHECKS,
  lookups: NO_LOOKUPS,
  gates: NO_GATES,
});

/** Renders once and watches how long the event loop stood still. */
async function renderOnce(format: MetricsFormat): Promise<{ tookMs: number; blockedMs: number; lines: number }> {
  const start = performance.now();
  let last = start;
  let blockedMs = 0;
  let done = false;
  const look = (): void => {
    const now = performance.now();
    blockedMs = Math.max(blockedMs, now - last);
    last = now;
    if (!done) setImmediate(look);
  };
  setImmediate(look);
  const text = await endpoint.render(format);
  done = true;
  look();
  return { tookMs: performance.now() - start, blockedMs, lines: text.split('\n').length };
}

for (const format of ['text', 'openmetrics'] as const) {
  const rounds = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push(await renderOnce(format));
  const middle = (figures: number[]): string => (figures.toSorted((a, b) => a - b)[ROUNDS >> 1] as number).toFixed(1);
  const worst = Math.max(...rounds.map(({ tookMs }) => tookMs)).toFixed(1);
  process.stdout.write(
    `page of ${rounds[0]?.lines} lines, ${format}: ${middle(rounds.map(({ tookMs }) => tookMs))} ms (worst ${worst}), ` +
      `main blocked for ${middle(rounds.map(({ blockedMs }) => blockedMs))} ms\n`,
  );
}
