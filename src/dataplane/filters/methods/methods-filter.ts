import { FIELD_ID } from '../../../base/http/field-names.ts';
import type { Filter } from '../../exchange/filter.ts';

const MAX_FORWARDS = FIELD_ID['max-forwards'];
const ALLOWED = 'Allow: GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS\r\n';

/**
 * Methods that end at a proxy: TRACE is refused, since it shows a client the credentials that were added on the way
 * (RFC 9110 9.3.8), and OPTIONS with `Max-Forwards: 0` is answered by the proxy itself (RFC 9110 7.6.2).
 */
export const methodsFilter: Filter = {
  name: 'methods',
  request({ head }) {
    if (head.method === 'TRACE') return 'method_refused';
    if (head.method !== 'OPTIONS') return null;
    const left = head.fields.first(MAX_FORWARDS);
    return left !== null && /^0+$/.test(left) ? { status: 200, fields: ALLOWED, body: '' } : null;
  },
};
