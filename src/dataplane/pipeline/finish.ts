import { HELD, type HeldValues } from '../../shared-memory/held.ts';
import { methodIndexOf } from '../../telemetry/metrics/families.ts';
import type { RouteMetrics } from '../../telemetry/metrics/route-metrics.ts';
import type { WorkerMetrics } from '../../telemetry/metrics/worker-metrics.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { RouteSeries } from '../exchange/route.ts';
import type { ExchangeLog } from './exchange-log.ts';

/** Where the outcome of every exchange goes. */
export interface Recorders {
  readonly metrics: WorkerMetrics;
  readonly held: HeldValues;
  /** Series of exchanges that never got a route. */
  readonly unmatched: RouteMetrics;
  /** Access log and what the application log says about exchanges. */
  readonly log: Pick<ExchangeLog, 'finished'>;
}

/** Records an exchange: counters, histogram, access log, filters' finish phases. Exactly once per exchange, on every path. */
export function recordFinished(exchange: Exchange, to: Recorders): void {
  const nowMs = performance.now();
  const seconds = (nowMs - exchange.startedMs) / 1000;
  // What stays open for hours says nothing about how fast requests are answered.
  const answerSeconds = exchange.openStream === null ? seconds : (exchange.answeredMs - exchange.startedMs) / 1000;
  const method = methodIndexOf(exchange.head.method);
  seriesOf(exchange, to).record(method, exchange.status, answerSeconds);
  to.metrics.sizes?.record(method, exchange.body?.received ?? 0, exchange.downstream.bodyBytesSent);
  to.held.add(HELD.requests, -1);
  if (exchange.series !== null) to.metrics.endpoints.count(exchange.status);
  if (exchange.failure !== null) to.metrics.failures.count(exchange.failure);
  to.log.finished(exchange, nowMs);
  exchange.atEnd?.();
}

/** Requests that no route took stay together even where raw paths are counted: scanners would take all places. */
function seriesOf(exchange: Exchange, to: Recorders): RouteSeries {
  const { route } = exchange;
  if (route === null) return exchange.series ?? to.unmatched;
  return to.metrics.rawPaths === null ? route.series : to.metrics.rawPaths.of(exchange.path);
}
