import type { FieldList } from '../../../base/http/field-list.ts';
import type { ApplicationLogSettings, CaptureSettings } from '../../../config/resolved-config.ts';
import { Redaction } from '../../../telemetry/logs/redaction.ts';
import type { WorkerLog } from '../../../telemetry/logs/worker-log.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { Filter } from '../../exchange/filter.ts';
import { BodyTap } from './body-tap.ts';

/** Headers as shown: a name that came several times has its values in a list. */
type ShownHeaders = Record<string, string | string[]>;

/** What was seen of one exchange. */
interface Capture {
  requestHeaders: ShownHeaders | null;
  responseHeaders: ShownHeaders | null;
  requestBody: SeenBody | null;
  responseBody: SeenBody | null;
}

interface SeenBody {
  readonly tap: BodyTap;
  readonly contentType: string;
  readonly contentEncoding: string;
}

/**
 * Shows requests and answers in debug lines, one line per exchange when it is over, without secrets (SPEC A.2, S58). A body is
 * shown up to the limit when it is in a form whose secrets can be found; of others its type and size are told.
 *
 * @returns null when nothing of it is switched on, or the level is above debug: then it costs nothing
 */
export function createCaptureFilter(settings: ApplicationLogSettings, log: WorkerLog): Filter | null {
  const { capture } = settings;
  const isOn = capture.requestHeaders || capture.responseHeaders || capture.requestBody || capture.responseBody;
  if (!isOn || !log.writes('debug')) return null;
  const redaction = new Redaction(settings.redact);
  const captures = new WeakMap<Exchange, Capture>();
  return {
    name: 'capture',
    request(exchange) {
      const requestHeaders = capture.requestHeaders ? shownHeaders(exchange.head.fields, redaction) : null;
      captures.set(exchange, { requestHeaders, responseHeaders: null, requestBody: null, responseBody: null });
      return null;
    },
    response(exchange, head) {
      const seen = captures.get(exchange);
      if (capture.responseHeaders && seen !== undefined) seen.responseHeaders = shownHeaders(head.fields, redaction);
    },
    ...bodyPhases(capture, captures),
    finish(exchange) {
      const seen = captures.get(exchange);
      if (seen !== undefined) log.write('debug', 'request and answer', valuesOf(exchange, seen, redaction));
    },
  };
}

function bodyPhases(capture: CaptureSettings, captures: WeakMap<Exchange, Capture>): Partial<Filter> {
  const phases: Partial<Filter> = {};
  if (capture.requestBody) {
    phases.requestBody = (exchange) => {
      const body = seenBody(exchange.head.fields, capture.bodyLimitBytes);
      const seen = captures.get(exchange);
      if (seen !== undefined) seen.requestBody = body;
      return body.tap;
    };
  }
  if (capture.responseBody) {
    phases.responseBody = (exchange, head) => {
      const body = seenBody(head.fields, capture.bodyLimitBytes);
      const seen = captures.get(exchange);
      if (seen !== undefined) seen.responseBody = body;
      return body.tap;
    };
  }
  return phases;
}

function seenBody(fields: FieldList, limitBytes: number): SeenBody {
  return {
    tap: new BodyTap(limitBytes),
    contentType: fields.get('content-type') ?? '',
    contentEncoding: fields.get('content-encoding') ?? '',
  };
}

function valuesOf(exchange: Exchange, seen: Capture, redaction: Redaction): Record<string, unknown> {
  const values: Record<string, unknown> = {
    request_id: exchange.requestId,
    method: exchange.head.method,
    host: exchange.head.authority,
    path: redaction.target(exchange.head.target),
    route: exchange.route?.name ?? null,
    backend: exchange.backend?.name ?? null,
    status: exchange.status,
  };
  if (seen.requestHeaders !== null) values.request_headers = seen.requestHeaders;
  if (seen.requestBody !== null) values.request_body = shownBody(seen.requestBody, redaction);
  if (seen.responseHeaders !== null) values.response_headers = seen.responseHeaders;
  if (seen.responseBody !== null) values.response_body = shownBody(seen.responseBody, redaction);
  return values;
}

function shownBody({ tap, contentType, contentEncoding }: SeenBody, redaction: Redaction): string {
  const isPlain = contentEncoding === '' || contentEncoding.toLowerCase() === 'identity';
  const text = isPlain ? redaction.body(contentType, tap.text) : null;
  const kind = [contentEncoding, contentType === '' ? 'no type' : redaction.text(contentType)].filter(
    (part) => part !== '',
  );
  if (text === null) return `[${tap.passed} bytes, ${kind.join(' ')}]`;
  const isCut = tap.passed > Buffer.byteLength(tap.text);
  return isCut ? `${text}… [${tap.passed} bytes]` : text;
}

function shownHeaders(fields: FieldList, redaction: Redaction): ShownHeaders {
  const shown: ShownHeaders = Object.create(null) as ShownHeaders;
  for (const [name, value] of fields.entries()) {
    const before = shown[name];
    const safe = redaction.header(name, value);
    if (before === undefined) shown[name] = safe;
    else if (Array.isArray(before)) before.push(safe);
    else shown[name] = [before, safe];
  }
  return shown;
}
