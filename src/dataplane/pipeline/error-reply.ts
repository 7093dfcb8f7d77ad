import { type ErrorCode, errorEntry } from '../../base/errors/catalogue.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Reply } from '../exchange/reply.ts';

const EXTRA_FIELDS: Partial<Record<ErrorCode, string>> = {
  overloaded: 'Retry-After: 1\r\n',
  endpoint_method_refused: 'Allow: GET, HEAD\r\n',
  method_refused: 'Allow: GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS\r\n',
};

/** The answer to a failure: the catalogue's status and public text, never an internal message (SPEC B, Error body). */
export function errorReply(exchange: Exchange, code: ErrorCode): Reply {
  const entry = errorEntry(code);
  const body = {
    error: entry.text,
    code,
    status: entry.status,
    request_id: exchange.requestId,
    timestamp: `${new Date().toISOString().slice(0, 19)}Z`,
  };
  const fields = `Content-Type: application/json\r\n${EXTRA_FIELDS[code] ?? ''}`;
  return { status: entry.status, fields, body: `${JSON.stringify(body)}\n` };
}
