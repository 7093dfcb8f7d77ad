import { type ErrorCode, errorEntry } from '../../base/errors/catalogue.ts';
import { FIELD_ID } from '../../base/http/field-names.ts';
import type { AccessLogSettings, ApplicationLogSettings } from '../../config/resolved-config.ts';
import type { LogRingWriter } from '../../shared-memory/log-ring.ts';
import { jsonAccessLine } from '../../telemetry/logs/access-json.ts';
import { accessLine, type AccessRecord } from '../../telemetry/logs/access-line.ts';
import type { LogValues } from '../../telemetry/logs/log-entry.ts';
import { Redaction } from '../../telemetry/logs/redaction.ts';
import type { WorkerLog } from '../../telemetry/logs/worker-log.ts';
import type { Exchange } from '../exchange/exchange.ts';

const USER_AGENT = FIELD_ID['user-agent'];
const REFERER = FIELD_ID.referer;
/** From here on a status is an error, and always logged. */
const FIRST_ERROR = 400;

/** What a failed attempt to reach a backend is called where people look for it. */
const CAUSES: Partial<Record<ErrorCode, string>> = {
  backend_connect_refused: 'ECONNREFUSED: connection refused',
  backend_connect_failed: 'the connection could not be made',
  backend_connect_timeout: 'ETIMEDOUT: connection timed out',
  backend_tls_failed: 'the TLS handshake failed',
  backend_certificate_invalid: 'the certificate of the backend is not trusted',
  backend_unresolved: 'ENOTFOUND: the name has no address',
  backend_pool_timeout: 'all connections are busy',
  backend_reset_before_head: 'ECONNRESET: connection closed before an answer',
  backend_timeout: 'response timed out',
  backend_body_incomplete: 'ECONNRESET: connection closed in the middle of the answer',
  backend_body_timeout: 'the answer stopped in the middle',
};

/** What the logs of a worker need. */
export interface ExchangeLogContext {
  readonly access: AccessLogSettings;
  readonly application: ApplicationLogSettings;
  /** Null when request logging is off. */
  readonly ring: LogRingWriter | null;
  readonly log: WorkerLog;
}

/** Writes what the logs say about exchanges: access lines, routed and slow requests, failures. Without the secrets in them. */
export class ExchangeLog {
  private readonly context: ExchangeLogContext;
  private readonly redaction: Redaction;
  /** Null = combined lines. */
  private readonly json: ((record: AccessRecord, nowMs: number) => string) | null;
  private readonly below: readonly string[];
  private readonly slowMs: number;
  private readonly logsRequests: boolean;

  constructor(context: ExchangeLogContext) {
    const { access, application, log } = context;
    this.context = context;
    this.redaction = new Redaction(application.redact);
    this.json = access.format === 'json' ? jsonAccessLine(access.fields) : null;
    this.below = access.excludePaths.map((path) => (path === '/' ? path : `${path}/`));
    this.slowMs = application.slowRequestMs === 0 ? Infinity : application.slowRequestMs;
    this.logsRequests = application.requests && log.writes('info');
  }

  /** An exchange is over. */
  finished(exchange: Exchange, durationMs: number): void {
    const isSlow = durationMs >= this.slowMs && exchange.openStream === null;
    const { ring } = this.context;
    if (ring !== null && this.isLogged(exchange, isSlow)) ring.write(this.lineOf(exchange, durationMs));
    if (isSlow) this.context.log.write('warn', 'slow request', this.valuesOf(exchange, durationMs));
    if (this.logsRequests && exchange.route !== null)
      this.context.log.write('info', 'request routed', this.valuesOf(exchange, durationMs));
  }

  /** An exchange failed; at the level that the catalogue gives the failure. What clients do wrong is for debugging only. */
  failed(exchange: Exchange, code: ErrorCode): void {
    const { level: given, text, source, status } = errorEntry(code);
    const level = given === 'info' ? 'debug' : given;
    const { log } = this.context;
    if (!log.writes(level)) return;
    const cause = CAUSES[code];
    const values = {
      code,
      ...(cause === undefined ? {} : { error: cause }),
      source,
      ...this.valuesOf(exchange, performance.now() - exchange.startedMs),
      status,
    };
    log.write(level, text, values);
  }

  private isLogged(exchange: Exchange, isSlow: boolean): boolean {
    if (exchange.route !== null && !exchange.route.accessLog) return false;
    if (this.below.length > 0 && this.isExcluded(exchange.path)) return false;
    const { sample } = this.context.access;
    return sample === 1 || isSlow || exchange.status >= FIRST_ERROR || Math.random() < sample;
  }

  private lineOf(exchange: Exchange, durationMs: number): string {
    const record = this.recordOf(exchange, durationMs);
    return this.json === null ? accessLine(record, Date.now()) : this.json(record, Date.now());
  }

  private isExcluded(path: string): boolean {
    for (const below of this.below)
      if (path.startsWith(below) || (path.length === below.length - 1 && below.startsWith(path))) return true;
    return false;
  }

  private recordOf(exchange: Exchange, durationMs: number): AccessRecord {
    const { head, downstream } = exchange;
    const referer = head.fields.first(REFERER);
    return {
      clientAddress: exchange.clientAddress,
      method: head.method === '' ? '-' : head.method,
      target: head.target === '' ? '-' : this.redaction.target(head.target),
      protocolName: downstream.protocolName,
      status: exchange.status,
      bodyBytes: downstream.bodyBytesSent,
      bytesReceived: exchange.body?.received ?? exchange.bytesReceived,
      referer: referer === null ? null : this.redaction.url(referer),
      userAgent: head.fields.first(USER_AGENT),
      host: head.authority,
      backend: exchange.backend === null ? null : exchange.backend.name,
      route: exchange.route === null ? null : exchange.route.name,
      requestId: exchange.requestId,
      durationMs,
    };
  }

  private valuesOf(exchange: Exchange, durationMs: number): LogValues {
    const { head } = exchange;
    const responseTime = Math.round(durationMs);
    return {
      request_id: exchange.requestId,
      client: exchange.clientAddress,
      method: head.method,
      host: head.authority,
      path: this.redaction.target(head.target),
      route: exchange.route?.name ?? null,
      backend: exchange.backend?.name ?? null,
      status: exchange.status,
      duration: `${responseTime}ms`,
      response_time: responseTime,
    };
  }
}
