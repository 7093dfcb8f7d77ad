import { RawConnection } from '../support/http-client.ts';
import { RawClient } from '../support/raw-client.ts';
import { until } from '../support/until.ts';
import type { FailureCase } from './case.ts';
import { leave, requestText, send } from './requests.ts';

const HOST = 'Host: a.test';

/** A request that is refused as soon as it is read. */
function refused(text: string, listener: 'main' | 'small' | 'proxied' = 'main'): FailureCase {
  return { phase: 'request', provoke: ({ ports }) => send(ports[listener], text) };
}

function get(target: string, ...fields: readonly string[]): string {
  return requestText(`GET ${target} HTTP/1.1`, [HOST, ...fields]);
}

function post(fields: readonly string[], rest = ''): string {
  return requestText('POST / HTTP/1.1', [HOST, ...fields], rest);
}

/** A request whose body breaks a rule on its way to a backend that waits for it. */
function brokenBody(fields: readonly string[], rest: string): FailureCase {
  return {
    phase: 'upload',
    route: ({ own }) => ({ target: own }),
    provoke: async ({ ports, host, backend }) => {
      const client = await new RawConnection(ports.main).opened();
      client.send(requestText('POST / HTTP/1.1', [`Host: ${host}`, ...fields]));
      await until('the backend has the head', () => backend.requests === 1);
      client.send(rest);
      const answer = await client.answer();
      client.destroy();
      return answer;
    },
  };
}

/** Refusals of a head, a body or a path. */
export const MALFORMED_CASES = {
  request_line_malformed: refused('GET\t/ HTTP/1.1\r\n\r\n'),
  request_target_invalid: refused(get('/a#b')),
  version_malformed: refused('GET / http/1.1\r\n\r\n'),
  version_unsupported: refused('GET / HTTP/1.2\r\n\r\n'),
  line_end_invalid: refused(`GET / HTTP/1.1\n${HOST}\n\n`),
  header_name_invalid: refused(get('/', 'a b: c')),
  header_value_invalid: refused(get('/', 'a: b\0c')),
  header_folded: refused(get('/', 'a: b\r\n c')),
  head_too_large: refused(get('/', `a: ${'b'.repeat(3_000)}`), 'small'),
  too_many_fields: refused(get('/', ...Array.from({ length: 9 }, (_, i) => `a${i}: b`)), 'small'),
  target_too_long: refused(get(`/${'a'.repeat(300)}`), 'small'),
  host_missing: refused('GET / HTTP/1.1\r\n\r\n'),
  host_repeated: refused(get('/', HOST)),
  host_invalid: refused('GET / HTTP/1.1\r\nHost: a b\r\n\r\n'),
  authority_mismatch: refused(get('http://b.test/')),
  length_repeated: refused(post(['Content-Length: 1', 'Content-Length: 1'])),
  length_invalid: refused(post(['Content-Length: +1'])),
  length_and_encoding: refused(post(['Content-Length: 1', 'Transfer-Encoding: chunked'])),
  encoding_unsupported: refused(post(['Transfer-Encoding: gzip'])),
  encoding_repeated: refused(post(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'])),
  encoding_on_http10: refused(requestText('POST / HTTP/1.0', [HOST, 'Transfer-Encoding: chunked'])),
  connection_invalid: refused(get('/', 'Connection: close x')),
  chunk_invalid: brokenBody(['Transfer-Encoding: chunked'], 'zz\r\n'),
  trailer_invalid: brokenBody(['Transfer-Encoding: chunked'], '0\r\nContent-Length: 1\r\n\r\n'),
  body_too_large: refused(post(['Content-Length: 11']), 'small'),
  proxy_header_invalid: refused(get('/'), 'proxied'),
  expectation_failed: refused(post(['Content-Length: 1', 'Expect: more'])),
  method_not_supported: refused(requestText('CONNECT a.test:443 HTTP/1.1', ['Host: a.test:443'])),
  method_refused: refused(requestText('TRACE / HTTP/1.1', [HOST])),
  upgrade_invalid: refused(get('/', 'Connection: upgrade', 'Upgrade: a b')),
  path_dot_segment: refused(get('/a/..;/b')),
  path_encoded_slash: refused(get('/a%2Fb')),
  path_double_slash: refused(get('/a//b')),
  path_backslash: refused(get('/a%5Cb')),
  path_encoded_control: refused(get('/a%01b')),
  path_overlong_encoding: refused(get('/a%C0%AFb')),
} as const satisfies Record<string, FailureCase>;

/** Hosts, endpoints and connections that are not for this client. */
export const UNWANTED_CASES = {
  host_not_configured: refused(get('/')),
  loop_detected: {
    phase: 'request',
    route: ({ proxy }) => ({ target: proxy }),
    provoke: ({ ports, host }) => send(ports.main, requestText('GET / HTTP/1.1', [`Host: ${host}`])),
  },
  endpoint_not_found: {
    phase: 'request',
    provoke: ({ ports }) => send(ports.operations, requestText('GET /nothing HTTP/1.1', ['Host: localhost'])),
  },
  endpoint_method_refused: {
    phase: 'request',
    provoke: ({ ports }) => send(ports.main, requestText('POST /health HTTP/1.1', ['Host: localhost'])),
  },
  endpoint_forbidden: {
    phase: 'request',
    provoke: ({ ports }) =>
      send(ports.main, requestText('GET /metrics HTTP/1.1', ['Host: localhost', 'X-Forwarded-For: 203.0.113.9'])),
  },
  too_many_connections: {
    phase: 'request',
    provoke: async ({ ports }) => {
      // The limit counts the connections of all listeners.
      const other = await new RawConnection(ports.main).opened();
      const answer = await until('the other is counted', () => send(ports.full, ''));
      other.destroy();
      return answer;
    },
  },
  too_many_client_connections: {
    phase: 'request',
    provoke: async ({ ports }) => {
      const first = await new RawConnection(ports.lonely).opened();
      // Answered: both workers may have one, and the second is refused only when the first is counted.
      first.get('/live');
      await first.answer();
      const answer = await send(ports.lonely, '');
      first.destroy();
      return answer;
    },
  },
} as const satisfies Record<string, FailureCase>;

/** Clients that are too slow, or gone. */
export const LEAVING_CASES = {
  header_timeout: { phase: 'request', provoke: ({ ports }) => send(ports.hasty, 'GET / HT') },
  request_timeout: {
    phase: 'upload',
    route: ({ own }) => ({ target: own }),
    provoke: ({ ports, host }) =>
      send(ports.hasty, requestText('POST / HTTP/1.1', [`Host: ${host}`, 'Content-Length: 5'], 'ab')),
  },
  data_rate_too_low: {
    phase: 'upload',
    route: ({ own }) => ({ target: own }),
    provoke: ({ ports, host }) =>
      send(ports.draggy, requestText('POST / HTTP/1.1', [`Host: ${host}`, 'Content-Length: 5000'], 'ab')),
  },
  write_timeout: {
    phase: 'body',
    route: ({ own }) => ({ target: own }),
    backend: (peer) => {
      peer.send('HTTP/1.1 200 OK\r\nContent-Length: 64000000\r\n\r\n');
      peer.socket.write(Buffer.alloc(64_000_000));
    },
    provoke: async ({ context, ports, host }) => {
      const client = new RawClient(ports.hasty);
      context.after(() => client.destroy());
      client.pause();
      client.send(requestText('GET / HTTP/1.1', [`Host: ${host}`]));
      // A paused client does not notice that it was cut; the access log tells.
      return Promise.resolve(null);
    },
  },
  client_abort_head: {
    phase: 'request',
    provoke: ({ ports }) => leave(ports.main, 'GET / HT', ({ socket }) => drained(socket)),
  },
  client_abort_request: {
    phase: 'upload',
    route: ({ own }) => ({ target: own }),
    provoke: ({ ports, host, backend }) =>
      leave(ports.main, requestText('POST / HTTP/1.1', [`Host: ${host}`, 'Content-Length: 9'], 'ab'), () =>
        until('the backend has the request', () => backend.requests === 1),
      ),
  },
  client_abort_waiting: {
    phase: 'first_byte',
    route: ({ own }) => ({ target: own }),
    provoke: ({ ports, host, backend }) =>
      leave(ports.main, requestText('GET / HTTP/1.1', [`Host: ${host}`]), () =>
        until('the backend has the request', () => backend.requests === 1),
      ),
  },
  client_abort_body: {
    phase: 'body',
    route: ({ own }) => ({ target: own }),
    backend: (peer) => peer.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'),
    provoke: ({ ports, host }) =>
      leave(ports.main, requestText('GET / HTTP/1.1', [`Host: ${host}`]), (client) =>
        until('the answer has begun', () => client.text.endsWith('abc')),
      ),
  },
} as const satisfies Record<string, FailureCase>;

/** What was sent so far has left this process. */
async function drained(socket: RawClient['socket']): Promise<void> {
  await until('the bytes have left', () => socket.bytesWritten > 0 && socket.writableLength === 0);
}
