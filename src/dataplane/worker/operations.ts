import { formatDuration } from '../../base/time/duration.ts';
import { type Heartbeats, steadyMs } from '../../shared-memory/heartbeats.ts';
import type { OperationsState } from '../../telemetry/operations-state.ts';
import type { OperationsView } from '../exchange/operations-view.ts';
import type { Reply } from '../exchange/reply.ts';

/** Main is taken for dead after this long without a sign of life (DESIGN.md 4). */
const MAIN_SILENT_MS = 10_000;
/** Longest wait for main to render the metrics. */
const METRICS_WAIT_MS = 2_000;
const JSON_FIELDS = 'Content-Type: application/json\r\nCache-Control: no-store\r\n';
const TEXT_FIELDS = 'Content-Type: text/plain; version=0.0.4; charset=utf-8\r\nCache-Control: no-store\r\n';

/** Renders the operations endpoints from the state that main pushed; asks main for the metrics. */
export class WorkerOperations implements OperationsView {
  private state: OperationsState;
  private readonly version: string;
  private readonly heartbeats: Heartbeats;
  private readonly ask: (id: number) => void;
  private readonly waiting: Map<number, (reply: Reply | 'metrics_timeout') => void> = new Map();
  private lastId = 0;

  /** @param ask sends a question for the metrics to main */
  constructor(state: OperationsState, version: string, heartbeats: Heartbeats, ask: (id: number) => void) {
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
    const body = { status, timestamp: timestamp(), version: this.version, uptime, checks };
    return { status: status === 'unhealthy' ? 503 : 200, fields: JSON_FIELDS, body: `${JSON.stringify(body)}\n` };
  }

  readiness(): Reply {
    const { ready, message } = this.state;
    const body = { ready, timestamp: timestamp(), checks: {}, message };
    return { status: ready ? 200 : 503, fields: JSON_FIELDS, body: `${JSON.stringify(body)}\n` };
  }

  liveness(): Reply {
    const age = this.heartbeats.ageMs(this.heartbeats.main, steadyMs());
    const alive = age === null || age <= MAIN_SILENT_MS;
    const message = alive ? 'alive' : `the main thread has shown no sign of life for ${Math.round(age / 1000)} s`;
    const body = { alive, timestamp: timestamp(), checks: {}, message };
    return { status: alive ? 200 : 503, fields: JSON_FIELDS, body: `${JSON.stringify(body)}\n` };
  }

  metrics(): Promise<Reply | 'metrics_timeout'> {
    const id = ++this.lastId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.settle(id, null), METRICS_WAIT_MS);
      this.waiting.set(id, (reply) => {
        clearTimeout(timer);
        resolve(reply);
      });
      this.ask(id);
    });
  }

  /** Main's answer to a question; null = it could not. */
  settle(id: number, text: string | null): void {
    const resolve = this.waiting.get(id);
    this.waiting.delete(id);
    resolve?.(text === null ? 'metrics_timeout' : { status: 200, fields: TEXT_FIELDS, body: text });
  }
}

/** RFC 3339 in UTC, whole seconds (SPEC B). */
function timestamp(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
