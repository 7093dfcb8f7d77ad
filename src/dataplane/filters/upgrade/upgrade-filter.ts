import type { Filter } from '../../exchange/filter.ts';

/**
 * Takes the wish to upgrade out of requests: a server may ignore it and answer as if it had not been there (RFC 9110 7.8), so that
 * no backend is asked for a tunnel, and a 101 that comes all the same is a failure of the backend.
 */
export function createUpgradeFilter(): Filter {
  return {
    name: 'upgrade',
    request: ({ head }) => {
      head.upgrade = false;
      return null;
    },
  };
}
