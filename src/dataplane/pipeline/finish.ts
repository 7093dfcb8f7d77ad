import { FIELD_ID } from '../../base/http/field-names.ts';
import { HELD, type HeldValues } from '../../shared-memory/held.ts';
import type { LogRingWriter } from '../../shared-memory/log-ring.ts';
import { accessLine } from '../../telemetry/logs/access-line.ts';
import { methodIndexOf } from '../../telemetry/metrics/families.ts';
import type { RouteMetrics, WorkerMetrics } from '../../telemetry/metrics/worker-metrics.ts';
import type { Exchange } from '../exchange/exchange.ts';

const USER_AGENT = FIELD_ID['user-agent'];
const REFERER = FIELD_ID.referer;

/** Where the outcome of every exchange goes. */
export interface Recorders {
  readonly metrics: WorkerMetrics;
  readonly held: HeldValues;
  /** Series of exchanges that never got a route. */
  readonly unmatched: RouteMetrics;
  /** Null when request logging is off. */
  readonly accessLog: LogRingWriter | null;
}

/** Records an exchange: counters, histogram, access log, filters' finish phases. Exactly once per exchange, on every path. */
export function recordFinished(exchange: Exchange, to: Recorders): void {
  const seconds = (performance.now() - exchange.startedMs) / 1000;
  const series = exchange.route?.series ?? exchange.series ?? to.unmatched;
  series.record(methodIndexOf(exchange.head.method), exchange.status, seconds);
  to.held.add(HELD.requests, -1);
  if (exchange.failure === 'client_abort') to.metrics.count('client_aborts');
  if (to.accessLog !== null) logAccess(exchange, to.accessLog, seconds);
  exchange.atEnd?.();
}

function logAccess(exchange: Exchange, log: LogRingWriter, seconds: number): void {
  const { head, downstream } = exchange;
  const line = accessLine(
    {
      clientAddress: exchange.clientAddress,
      method: head.method === '' ? '-' : head.method,
      target: head.target === '' ? '-' : head.target,
      protocolName: downstream.protocolName,
      status: exchange.status,
      bodyBytes: downstream.bodyBytesSent,
      referer: head.fields.first(REFERER),
      userAgent: head.fields.first(USER_AGENT),
      host: head.authority,
      backend: exchange.backend === null ? null : exchange.backend.name,
      requestId: exchange.requestId,
      durationMs: seconds * 1000,
    },
    Date.now(),
  );
  log.write(line);
}
