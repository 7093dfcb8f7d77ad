/** What one access-log line says (SPEC E.1). */
export interface AccessRecord {
  readonly clientAddress: string;
  readonly method: string;
  readonly target: string;
  readonly protocolName: string;
  readonly status: number;
  readonly bodyBytes: number;
  /** Bytes of the request's body, or those that a tunnel took from the client. */
  readonly bytesReceived: number;
  readonly referer: string | null;
  readonly userAgent: string | null;
  readonly host: string;
  readonly backend: string | null;
  readonly route: string | null;
  readonly requestId: string;
  readonly durationMs: number;
}

const UNSAFE = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;
const UNSAFE_ALL = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g;
const UNSAFE_TARGET = /[^\x21\x23-\x5b\x5d-\x7e]/;
const UNSAFE_TARGET_ALL = /[^\x21\x23-\x5b\x5d-\x7e]/g;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The status of a tunnel. */
const SWITCHED = 101;

let stampSecond = -1;
let stamp = '';

/** `[01/Dec/2023:10:00:01 +0000]` for a clock in ms, always UTC; formatted once a second. */
function accessStamp(nowMs: number): string {
  const second = Math.floor(nowMs / 1000);
  if (second !== stampSecond) {
    stampSecond = second;
    const date = new Date(second * 1000);
    const day = String(date.getUTCDate()).padStart(2, '0');
    stamp = `[${day}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000]`;
  }
  return stamp;
}

/**
 * One line of the access log: the combined format, then key=value pairs that end in `response_time` (whole ms) and `status`, so
 * that the Operations Guide's greps work; the line of a tunnel says before them what came from the client. Quotes, backslashes and bytes outside printable ASCII become `\xHH`: a client cannot
 * forge a line.
 */
export function accessLine(record: AccessRecord, nowMs: number): string {
  const target = UNSAFE_TARGET.test(record.target)
    ? record.target.replace(UNSAFE_TARGET_ALL, escapeByte)
    : record.target;
  return (
    `${record.clientAddress === '' ? '-' : record.clientAddress} - - ${accessStamp(nowMs)} "${record.method} ${target} ${record.protocolName}" ` +
    `${record.status} ${record.bodyBytes} "${quoted(record.referer)}" "${quoted(record.userAgent)}" host="${quoted(record.host)}" ` +
    `backend="${record.backend ?? '-'}" request_id="${record.requestId}" ` +
    (record.status === SWITCHED ? `bytes_received=${record.bytesReceived} ` : '') +
    `response_time=${Math.round(record.durationMs)} status=${record.status}\n`
  );
}

function quoted(text: string | null): string {
  if (text === null || text === '') return '-';
  return UNSAFE.test(text) ? text.replace(UNSAFE_ALL, escapeByte) : text;
}

function escapeByte(char: string): string {
  return `\\x${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
