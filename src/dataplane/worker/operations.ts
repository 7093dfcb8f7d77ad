import { formatDuration } from '../../base/time/duration.ts';
import { formatTimestamp } from '../../base/time/timestamp.ts';
import { type Heartbeats, steadyMs } from '../../shared-memory/heartbeats.ts';
import { METRICS_CONTENT_TYPE, type MetricsFormat, negotiateFormat } from '../../telemetry/metrics/formats.ts';
import type { OperationsState } from '../../telemetry/operations-state.ts';
import type { OperationsView } from '../exchange/operations-view.ts';
import type { Reply } from '../exchange/reply.ts';
import { jsonReply } from '../filters/endpoints/json-reply.ts';

/** Main is taken for dead after this long without a sign of life (DESIGN.md 4). */
const MAIN_SILENT_MS = 10_000;
/** Longest wait for main to render the metrics. */
const METRICS_WAIT_MS = 2_000;

/** Renders the operations endpoints from the state that main pushed; asks main for the metrics. */
export class WorkerOperations implements OperationsView {
  private state: OperationsState;
  private readonly version: string;
  private readonly heartbeats: Heartbeats;
  private readonly ask: (id: number, openMetrics: boolean) => void;
  private readonly waiting: Map<number, (text: string | null) => void> = new Map();
  private lastId = 0;

  /** @param ask sends a question for the metrics to main */
  constructor(
    state: OperationsState,
    version: string,
    heartbeats: Heartbeats,
    ask: (id: number, openMetrics: boolean) => void,
  ) {
    this.state = state;
    this.version = version;
    this.heartbeats = heartbeats;
    this.ask = ask;
  }

  /** Takes the state that holds from now on. */
  update(state: OperationsState): void {
    this.state = state;
  }

  health(): Reply {
    const { status, checks, startedMs } = this.state;
    const uptime = formatDuration(Math.floor((Date.now() - startedMs) / 1000) * 1000);
    const body = { status, timestamp: formatTimestamp(Date.now()), version: this.version, uptime, checks };
    return jsonReply(status === 'unhealthy' ? 503 : 200, body);
  }

  readiness(): Reply {
    const { obstacle, readyChecks: checks } = this.state;
    const ready = this.state.ready && obstacle === null;
    const message = this.state.ready && obstacle !== null ? obstacle : this.state.message;
    const body = { ready, timestamp: formatTimestamp(Date.now()), checks, message };
    return jsonReply(ready ? 200 : 503, body);
  }

  liveness(): Reply {
    const age = this.heartbeats.ageMs(this.heartbeats.main, steadyMs());
    const alive = age === null || age <= MAIN_SILENT_MS;
    const message = alive ? 'alive' : `the main thread has shown no sign of life for ${Math.round(age / 1000)} s`;
    const body = { alive, timestamp: formatTimestamp(Date.now()), checks: {}, message };
    return jsonReply(alive ? 200 : 503, body);
  }

  metrics(accept: string): Promise<Reply | 'metrics_timeout'> {
    const id = ++this.lastId;
    const format = negotiateFormat(accept);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.settle(id, null), METRICS_WAIT_MS);
      this.waiting.set(id, (text) => {
        clearTimeout(timer);
        resolve(text === null ? 'metrics_timeout' : metricsReply(format, text));
      });
      this.ask(id, format === 'openmetrics');
    });
  }

  /** Main's answer to a question; null = it could not. */
  settle(id: number, text: string | null): void {
    const resolve = this.waiting.get(id);
    this.waiting.delete(id);
    resolve?.(text);
  }
}

/** Caches must not give one client's format to another (RFC 9110 12.5.5). */
function metricsReply(format: MetricsFormat, body: string): Reply {
  const fields = `Content-Type: ${METRICS_CONTENT_TYPE[format]}\r\nCache-Control: no-store\r\nVary: Accept\r\n`;
  return { status: 200, fields, body };
}
