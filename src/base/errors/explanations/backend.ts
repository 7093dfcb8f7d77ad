import { explained } from './explanation.ts';

const PROTOCOL =
  'Mend the backend. Ask it directly (`curl -v`) to see what it sends; `log.level: debug` tells more here.';

/** What backends did, or did not. */
export const BACKEND_EXPLANATIONS = {
  circuit_breaker_open: explained(
    'The route has backends, and none of them may get requests now: their circuit breakers are open.',
    'Look for the failures that opened them: `rwwwrse_backend_failures_total`, `/health/<host>`.',
  ),
  backend_connect_refused: explained(
    'Nothing listens at the address of the backend.',
    'Is the backend running, and is its port the one in the target of the route?',
  ),
  backend_connect_failed: explained(
    'The connection to the backend could not be made, for a reason that no other code names.',
    'The application log has the backend. Look for packet filters and for a backend that is just starting.',
  ),
  backend_socket_missing: explained(
    'The unix socket of the backend does not exist.',
    'Is the backend running, and is the path in the target the one that it listens on?',
  ),
  backend_unreachable: explained(
    'The network has no way to the address of the backend.',
    'Look at routes, interfaces and packet filters of this machine, and whether the address is right.',
  ),
  backend_unresolved: explained(
    'The name of the backend has no address.',
    'Ask the resolver of this machine for the name (`getent hosts NAME`). Is it spelled right?',
  ),
  backend_tls_failed: explained(
    'The TLS handshake with the backend failed.',
    'Does the backend speak TLS on this port, in TLS 1.2 or later? Does it ask for a client certificate?',
  ),
  backend_certificate_invalid: explained(
    'The certificate of the backend is not trusted: expired, of an unknown authority, or for another name.',
    'The application log has the reason. Renew the certificate, or give the route its authority or its name.',
  ),
  backend_connect_timeout: explained(
    'The backend did not accept the connection within `pool.dial_timeout`.',
    'The machine is down, a packet filter drops packets, or the accept queue of the backend is full.',
  ),
  backend_pool_timeout: explained(
    'All connections that the pool may have were busy for `pool.queue_timeout`.',
    'The backend is too slow for its load, or `pool.max_conns_per_host` is too low: compare `rwwwrse_backend_connections` with its limit.',
  ),
  backend_reset_before_head: explained(
    'The backend took the request on a new connection and closed that without an answer.',
    'It crashed, was killed, or refuses the request in this way: look at its own log at this time.',
  ),
  backend_reset_reused: explained(
    'The backend closed a connection that had been idle at the moment when a request went out on it, and the request could not be sent again.',
    'The backend closes idle connections too early: let `pool.idle_timeout` be shorter than its own idle timeout.',
  ),
  backend_reset_in_head: explained(
    'The backend closed the connection in the middle of its response head.',
    'It crashed or was killed while it answered: look at its own log at this time.',
  ),
  backend_timeout: explained(
    'The backend had the whole request and sent no response head within `timeout` of the route.',
    'Find out what the backend waits for. Raise `timeout` of the route only if answers may take that long.',
  ),
  backend_upload_timeout: explained(
    'The backend stopped reading the request body.',
    'The backend is overloaded, or hangs while it reads: look at its own log at this time.',
  ),
  backend_invalid_response: explained('The response of the backend breaks a rule of HTTP.', PROTOCOL),
  backend_head_too_large: explained(
    'The response head of the backend is larger than 256 KiB or has more than 512 fields.',
    'Look for an application that sets cookies without end.',
  ),
  backend_body_invalid: explained('The body of the response breaks the rules of the chunked coding.', PROTOCOL),
  backend_body_incomplete: explained(
    'The backend closed the connection in the middle of its answer; the stream to the client was cut.',
    'It crashed or was killed while it answered, or its Content-Length is too large.',
  ),
  backend_body_timeout: explained(
    'The backend stopped in the middle of its answer for `pool.read_timeout`; the stream to the client was cut.',
    'For answers that pause by design, such as events, let the backend send something now and then, or raise the timeout.',
  ),
  route_timeout: explained(
    'The whole exchange took longer than `request_timeout` of its route.',
    'The phases in the log say where the time went: a long `upload` is the client, a long `first_byte` the backend.',
  ),
} as const;
