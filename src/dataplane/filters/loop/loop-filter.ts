import { FIELD_ID } from '../../../base/http/field-names.ts';
import type { Filter } from '../../exchange/filter.ts';

const VIA = FIELD_ID.via;

/**
 * Refuses a request that this instance has forwarded before (RFC 9110 7.6.3, PEERS 4, pitfall 30): every outgoing request
 * carries the instance's pseudonym in Via, so that a loop ends after one round, whatever hosts and ports it goes through.
 */
export function createLoopFilter(pseudonym: string): Filter {
  return {
    name: 'loop',
    request({ head }) {
      if (head.fields.indexOf(VIA) < 0) return null;
      return (head.fields.joined(VIA) as string).includes(pseudonym) ? 'loop_detected' : null;
    },
  };
}
