import type { Filter } from '../../exchange/filter.ts';
import type { StickySessions } from '../../upstream/balancer/sticky-sessions.ts';

/**
 * Keeps the cookie of sticky sessions between client and proxy: it is taken out of the request, since a backend has no use for it,
 * and set with the answer when it did not name the backend that gave it. The group of the same route reads the same sessions.
 */
export function createStickyFilter(sessions: StickySessions): Filter {
  return {
    name: 'sticky',
    request(exchange) {
      sessions.take(exchange.head);
      return null;
    },
    response(exchange, head) {
      const { backend } = exchange;
      if (backend === null || backend === sessions.namedBy(exchange.head)) return;
      const cookie = sessions.setCookie(backend, exchange.clientScheme);
      if (cookie !== null) head.fields.add('Set-Cookie', cookie);
    },
  };
}
