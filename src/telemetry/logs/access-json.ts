import type { AccessField } from '../../config/access-fields.ts';
import { type AccessRecord, phaseWriters } from './access-record.ts';

const NOT_ASCII = /[^\x20-\x7e]/;
const NOT_ASCII_ALL = /[^\x20-\x7e]/g;
/** Neither needs an escape in JSON. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** What each field shows; `null` stands for what is not known. */
const VALUES: Readonly<Record<AccessField, (record: AccessRecord, nowMs: number) => string>> = {
  time: (_record, nowMs) => `"${isoTime(nowMs)}"`,
  type: () => '"access"',
  remote_addr: ({ clientAddress }) => textOrNull(clientAddress),
  method: ({ method }) => text(method),
  path: ({ target }) => text(target),
  protocol: ({ protocolName }) => text(protocolName),
  status: ({ status }) => String(status),
  bytes: ({ bodyBytes }) => String(bodyBytes),
  bytes_received: ({ bytesReceived }) => String(bytesReceived),
  referer: ({ referer }) => textOrNull(referer),
  user_agent: ({ userAgent }) => textOrNull(userAgent),
  host: ({ host }) => textOrNull(host),
  route: ({ route }) => textOrNull(route),
  backend: ({ backend }) => textOrNull(backend),
  request_id: ({ requestId }) => text(requestId),
  response_time: ({ durationMs }) => String(Math.round(durationMs)),
  code: ({ code }) => textOrNull(code),
  fault: ({ fault }) => textOrNull(fault),
  phase: ({ code, phases }) => (code === null ? 'null' : text(phases.current)),
  attempts: ({ attempts }) => String(attempts),
  ...phaseWriters('null'),
};

/** Writes access-log lines as JSON objects with chosen fields (SPEC E.1, JSON mode). ASCII only, so that no line can break a reader. */
export function jsonAccessLine(fields: readonly AccessField[]): (record: AccessRecord, nowMs: number) => string {
  const parts = fields.map((name, index) => ({ lead: `${index === 0 ? '{' : ','}"${name}":`, value: VALUES[name] }));
  return (record, nowMs) => {
    let line = '';
    for (const { lead, value } of parts) line += lead + value(record, nowMs);
    return `${line}}\n`;
  };
}

let stampSecond = -1;
let stamp = '';

/** RFC 3339 in UTC with milliseconds; the second is formatted once. */
function isoTime(nowMs: number): string {
  const second = Math.floor(nowMs / 1_000);
  if (second !== stampSecond) {
    stampSecond = second;
    stamp = new Date(second * 1_000).toISOString().slice(0, -4);
  }
  return `${stamp}${String(Math.floor(nowMs) - second * 1_000).padStart(3, '0')}Z`;
}

function textOrNull(value: string | null): string {
  return value === null || value === '' ? 'null' : text(value);
}

function text(value: string): string {
  if (PLAIN.test(value)) return `"${value}"`;
  const json = JSON.stringify(value);
  return NOT_ASCII.test(json) ? json.replaceAll(NOT_ASCII_ALL, escapeUnit) : json;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
