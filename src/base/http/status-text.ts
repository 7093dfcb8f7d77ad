import { STATUS_CODES } from 'node:http';

/** Reason phrase of a status by the IANA registry, or an empty text; for answers of the proxy's own. */
export function reasonPhrase(status: number): string {
  return status === 499 ? 'Client Closed Request' : (STATUS_CODES[status] ?? '');
}
