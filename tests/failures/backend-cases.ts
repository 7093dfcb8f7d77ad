import { RawConnection } from '../support/http-client.ts';
import { RawClient } from '../support/raw-client.ts';
import type { RawAnswer } from '../support/raw-backend.ts';
import { until } from '../support/until.ts';
import type { FailureCase, TargetPlaces } from './case.ts';
import { get, requestText, send } from './requests.ts';

/** A target that no connection comes about to. */
function unreached(target: (places: TargetPlaces) => string, phase: 'connect' | 'queue' = 'connect'): FailureCase {
  return {
    phase,
    route: (places) => ({ target: target(places) }),
    provoke: ({ ports, host }) => get(ports.main, host),
  };
}

/** A backend that does something wrong with its first request. */
function wrong(phase: FailureCase['phase'], backend: RawAnswer, rest: Partial<FailureCase> = {}): FailureCase {
  return {
    phase,
    backend,
    route: ({ own }) => ({ target: own }),
    provoke: ({ ports, host }) => get(ports.main, host),
    ...rest,
  };
}

/** A backend whose answer goes wrong when it has begun. */
function cut(backend: RawAnswer): FailureCase {
  return wrong('body', backend, {
    isCut: true,
    provoke: async ({ ports, host }) => {
      const client = await new RawConnection(ports.main).opened();
      client.get('/', host);
      await client.untilClosed();
      return null;
    },
  });
}

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n';

/** No connection to the backend. */
export const UNREACHED_CASES = {
  backend_connect_refused: unreached(({ refusing }) => refusing),
  // A socket below a regular file: ENOTDIR.
  backend_connect_failed: unreached(({ folder }) => `unix:${folder}/file/socket`),
  backend_socket_missing: unreached(({ folder }) => `unix:${folder}/socket`),
  // The broadcast address: TCP has no way there, in any network.
  backend_unreachable: unreached(() => 'http://255.255.255.255:80'),
  backend_unresolved: unreached(() => 'http://nobody.test:80', 'queue'),
  backend_connect_timeout: unreached(({ deaf }) => deaf),
  backend_tls_failed: unreached(({ plain }) => plain.replace('http:', 'https:')),
  backend_certificate_invalid: unreached(({ untrusted }) => untrusted),
  backend_pool_timeout: {
    phase: 'queue',
    route: ({ own }) => ({ target: own }),
    provoke: async ({ ports, host }) => {
      // Two workers with one connection each: the third request waits at one of them.
      const clients = await Promise.all([1, 2, 3].map(() => new RawConnection(ports.main).opened()));
      for (const client of clients) client.get('/', host);
      const answer = await until('one was refused', () => clients.map((client) => client.take()).find(Boolean) ?? null);
      for (const client of clients) client.destroy();
      return answer;
    },
  },
  circuit_breaker_open: {
    phase: 'queue',
    route: ({ refusing }) => ({
      target: `${refusing}/breaker`,
      circuit_breaker: { enabled: true, threshold: 1, timeout: '1m' },
    }),
    provoke: async ({ ports, host }) =>
      until('the breaker has opened', async () => {
        const answer = await get(ports.main, host);
        return answer?.body.includes('circuit_breaker_open') === true ? answer : null;
      }),
  },
} as const satisfies Record<string, FailureCase>;

/** A connection, and no answer or a broken one. */
export const UNANSWERED_CASES = {
  backend_reset_before_head: wrong('first_byte', ({ socket }) => socket.destroy()),
  backend_reset_reused: wrong(
    'first_byte',
    (peer) => {
      if (peer.heads === 1) peer.answer('first');
      else peer.socket.destroy();
    },
    {
      provoke: async ({ ports, host }) => {
        // On one client connection, so that the same worker sends both.
        const client = await new RawConnection(ports.main).opened();
        client.get('/', host);
        await client.answer();
        client.send(requestText('POST / HTTP/1.1', [`Host: ${host}`]));
        const answer = await client.answer();
        client.destroy();
        return answer;
      },
    },
  ),
  backend_reset_in_head: wrong('first_byte', ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nX-')),
  // With a body, whose end is where the backend's own time begins.
  backend_timeout: wrong('first_byte', () => undefined, {
    route: ({ own }) => ({ target: own, timeout: '500ms' }),
    provoke: ({ ports, host }) =>
      send(ports.main, requestText('POST / HTTP/1.1', [`Host: ${host}`, 'Content-Length: 2'], 'ab')),
  }),
  backend_upload_timeout: wrong('upload', ({ socket }) => void socket.pause(), {
    route: ({ own }) => ({ target: own, timeout: '300ms' }),
    provoke: async ({ ports, host }) => {
      const client = new RawClient(ports.main);
      client.send(requestText('POST / HTTP/1.1', [`Host: ${host}`, 'Content-Length: 64000000']));
      client.socket.write(Buffer.alloc(64_000_000));
      const text = await until('an answer', () => (client.text.endsWith('}\n') ? client.text : null));
      client.destroy();
      const at = text.indexOf('\r\n\r\n');
      return { status: client.statuses[0] ?? 0, head: text.slice(0, at), body: text.slice(at + 4) };
    },
  }),
  backend_invalid_response: wrong('first_byte', (peer) => peer.send('HTTP/1.1 abc\r\n\r\n')),
  backend_head_too_large: wrong('first_byte', (peer) =>
    peer.send(`HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(300_000)}\r\n\r\n`),
  ),
  backend_body_invalid: cut((peer) => peer.send(`${CHUNKED}zz\r\n`)),
  backend_body_incomplete: cut(({ socket }) => socket.end(CHUNKED)),
  backend_body_timeout: cut((peer) => peer.send(CHUNKED)),
  route_timeout: wrong('first_byte', () => undefined, {
    route: ({ own }) => ({ target: own, request_timeout: '500ms' }),
  }),
} as const satisfies Record<string, FailureCase>;
