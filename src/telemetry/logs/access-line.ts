import type { AccessField } from '../../config/access-fields.ts';
import { type AccessRecord, phaseWriters } from './access-record.ts';

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

/** Writes further pairs of a line; empty or with a space at the end. */
type MorePairs = (record: AccessRecord) => string;

const MORE: Partial<Record<AccessField, (record: AccessRecord) => string>> = {
  route: ({ route }) => `"${quoted(route)}"`,
  attempts: ({ attempts }) => String(attempts),
  ...phaseWriters('-'),
};

/** Further pairs of every line: those of the chosen fields that a line does not have by itself. Null = none. */
export function morePairs(fields: readonly AccessField[]): MorePairs | null {
  const parts = fields.flatMap((name) => {
    const value = MORE[name];
    return value === undefined ? [] : [{ lead: `${name}=`, value }];
  });
  if (parts.length === 0) return null;
  return (record) => {
    let text = '';
    for (const { lead, value } of parts) text += `${lead}${value(record)} `;
    return text;
  };
}

/**
 * One line of the access log: the combined format, then key=value pairs that end in `response_time` (whole ms) and `status`, so
 * that the Operations Guide's greps work. In front of these two are what came from the client through a tunnel, the pairs of
 * `more`, and for failures their code, the side at fault and the phase. Quotes, backslashes and bytes outside printable ASCII
 * become `\xHH`: a client cannot forge a line.
 */
export function accessLine(record: AccessRecord, nowMs: number, more: MorePairs | null = null): string {
  const target = UNSAFE_TARGET.test(record.target)
    ? record.target.replace(UNSAFE_TARGET_ALL, escapeByte)
    : record.target;
  return (
    `${record.clientAddress === '' ? '-' : record.clientAddress} - - ${accessStamp(nowMs)} "${record.method} ${target} ${record.protocolName}" ` +
    `${record.status} ${record.bodyBytes} "${quoted(record.referer)}" "${quoted(record.userAgent)}" host="${quoted(record.host)}" ` +
    `backend="${record.backend ?? '-'}" request_id="${record.requestId}" ` +
    (record.status === SWITCHED ? `bytes_received=${record.bytesReceived} ` : '') +
    `${more === null ? '' : more(record)}${record.code === null ? '' : failurePairs(record)}` +
    `response_time=${Math.round(record.durationMs)} status=${record.status}\n`
  );
}

function failurePairs({ code, fault, phases }: AccessRecord): string {
  return `code=${code} fault=${fault} phase=${phases.current} `;
}

function quoted(text: string | null): string {
  if (text === null || text === '') return '-';
  return UNSAFE.test(text) ? text.replace(UNSAFE_ALL, escapeByte) : text;
}

function escapeByte(char: string): string {
  return `\\x${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
