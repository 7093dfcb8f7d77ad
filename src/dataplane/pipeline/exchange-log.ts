import { type ErrorCode, errorEntry } from '../../base/errors/catalogue.ts';
import { faultOf } from '../../base/errors/fault.ts';
import { FIELD_ID } from '../../base/http/field-names.ts';
import { wallAt } from '../../base/time/wall-clock.ts';
import type { AccessField } from '../../config/access-fields.ts';
import type { AccessLogSettings, ApplicationLogSettings } from '../../config/resolved-config.ts';
import type { LogRingWriter } from '../../shared-memory/log-ring.ts';
import { jsonAccessLine } from '../../telemetry/logs/access-json.ts';
import { accessLine, morePairs } from '../../telemetry/logs/access-line.ts';
import { type AccessRecord, emptyRecord, roundedMs } from '../../telemetry/logs/access-record.ts';
import type { LogValues } from '../../telemetry/logs/log-entry.ts';
import { Redaction } from '../../telemetry/logs/redaction.ts';
import type { WorkerLog } from '../../telemetry/logs/worker-log.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { Phases } from '../exchange/phases.ts';

const USER_AGENT = FIELD_ID['user-agent'];
const REFERER = FIELD_ID.referer;
/** From here on a status is an error, and always logged. */
const FIRST_ERROR = 400;

/** What a failed attempt to reach a backend is called where people look for it. */
const CAUSES: Partial<Record<ErrorCode, string>> = {
  backend_connect_refused: 'ECONNREFUSED: connection refused',
  backend_connect_failed: 'the connection could not be made',
  backend_socket_missing: 'ENOENT: no such socket',
  backend_unreachable: 'EHOSTUNREACH: no route to host',
  no_local_address: 'EADDRNOTAVAIL: no free local port or address',
  no_file_descriptors: 'EMFILE: too many open files',
  backend_connect_timeout: 'ETIMEDOUT: connection timed out',
  backend_tls_failed: 'the TLS handshake failed',
  backend_certificate_invalid: 'the certificate of the backend is not trusted',
  backend_unresolved: 'ENOTFOUND: the name has no address',
  backend_pool_timeout: 'all connections are busy',
  backend_reset_before_head: 'ECONNRESET: connection closed before an answer',
  backend_reset_reused: 'ECONNRESET: an idle connection was closed as it was used',
  backend_reset_in_head: 'ECONNRESET: connection closed in the middle of the response head',
  backend_timeout: 'response timed out',
  backend_upload_timeout: 'sending the request body timed out',
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
  private readonly write: (record: AccessRecord, wallMs: number) => string;
  /** Filled anew for every line. */
  private readonly phases: Phases = new Phases();
  private readonly record: AccessRecord = emptyRecord(this.phases);
  /** Lines tell the phases of requests that went well, too. */
  private readonly showsPhases: boolean;
  private readonly below: readonly string[];
  private readonly slowMs: number;
  private readonly logsRequests: boolean;

  constructor(context: ExchangeLogContext) {
    const { access, application, log } = context;
    this.context = context;
    this.redaction = new Redaction(application.redact);
    this.write = access.format === 'json' ? jsonAccessLine(access.fields) : combinedLine(access.fields);
    this.showsPhases = access.fields.length > 0;
    this.below = access.excludePaths.map((path) => (path === '/' ? path : `${path}/`));
    this.slowMs = application.slowRequestMs === 0 ? Infinity : application.slowRequestMs;
    this.logsRequests = application.requests && log.writes('info');
  }

  /** An exchange is over, at `nowMs` of `performance.now`. */
  finished(exchange: Exchange, nowMs: number): void {
    const durationMs = nowMs - exchange.startedMs;
    const isSlow = durationMs >= this.slowMs && exchange.openStream === null;
    const { ring } = this.context;
    if (ring !== null && this.isLogged(exchange, isSlow)) {
      this.fill(exchange, nowMs);
      ring.write(this.write(this.record, wallAt(nowMs)));
    }
    if (isSlow) this.context.log.write('warn', 'slow request', this.valuesOf(exchange, nowMs));
    if (this.logsRequests && exchange.route !== null)
      this.context.log.write('info', 'request routed', this.valuesOf(exchange, nowMs));
  }

  /** An exchange failed; at the level that the catalogue gives the failure. What clients do wrong is for debugging only. */
  failed(exchange: Exchange, code: ErrorCode): void {
    const { level: given, text, status } = errorEntry(code);
    const level = given === 'info' ? 'debug' : given;
    const { log } = this.context;
    if (!log.writes(level)) return;
    const cause = CAUSES[code];
    const values = {
      code,
      ...(cause === undefined ? {} : { error: cause }),
      ...this.valuesOf(exchange, performance.now()),
      status,
    };
    log.write(level, text, values);
  }

  private isLogged(exchange: Exchange, isSlow: boolean): boolean {
    if (exchange.route !== null && !exchange.route.accessLog) return false;
    if (this.below.length > 0 && this.isExcluded(exchange.path)) return false;
    const { sample } = this.context.access;
    return (
      sample === 1 || isSlow || exchange.failure !== null || exchange.status >= FIRST_ERROR || Math.random() < sample
    );
  }

  private isExcluded(path: string): boolean {
    for (const below of this.below)
      if (path.startsWith(below) || (path.length === below.length - 1 && below.startsWith(path))) return true;
    return false;
  }

  private fill(exchange: Exchange, nowMs: number): void {
    const { record } = this;
    const { head, downstream, failure } = exchange;
    const referer = head.fields.first(REFERER);
    if (this.showsPhases || failure !== null) this.phases.read(exchange, nowMs);
    record.clientAddress = exchange.clientAddress;
    record.method = head.method === '' ? '-' : head.method;
    record.target = head.target === '' ? '-' : this.redaction.target(head.target);
    record.protocolName = downstream.protocolName;
    record.status = exchange.status;
    record.bodyBytes = downstream.bodyBytesSent;
    record.bytesReceived = exchange.body?.received ?? exchange.bytesReceived;
    record.referer = referer === null ? null : this.redaction.url(referer);
    record.userAgent = head.fields.first(USER_AGENT);
    record.host = head.authority;
    record.backend = exchange.backend === null ? null : exchange.backend.name;
    record.route = exchange.route === null ? null : exchange.route.name;
    record.requestId = exchange.requestId;
    record.durationMs = nowMs - exchange.startedMs;
    record.code = failure;
    record.fault = failure === null ? null : faultOf(failure);
    record.attempts = exchange.attempts;
  }

  private valuesOf(exchange: Exchange, nowMs: number): LogValues {
    const { head, failure } = exchange;
    const responseTime = Math.round(nowMs - exchange.startedMs);
    this.phases.read(exchange, nowMs);
    return {
      request_id: exchange.requestId,
      client: exchange.clientAddress,
      method: head.method,
      host: head.authority,
      path: this.redaction.target(head.target),
      route: exchange.route?.name ?? null,
      backend: exchange.backend?.name ?? null,
      ...(failure === null ? {} : { code: failure, fault: faultOf(failure), phase: this.phases.current }),
      attempts: exchange.attempts,
      ...phaseValues(this.phases),
      status: exchange.status,
      duration: `${responseTime}ms`,
      response_time: responseTime,
    };
  }
}

function combinedLine(fields: readonly AccessField[]): (record: AccessRecord, wallMs: number) => string {
  const more = morePairs(fields);
  return (record, wallMs) => accessLine(record, wallMs, more);
}

/** The phases that an exchange has come to. */
function phaseValues({ before, retries, queue, connect, upload, firstByte, body }: Phases): LogValues {
  const times = { before, retries, queue, connect, upload, first_byte: firstByte, body };
  const reached = Object.entries(times).filter(([, ms]) => ms >= 0);
  return Object.fromEntries(reached.map(([name, ms]) => [`${name}_ms`, roundedMs(ms)]));
}
