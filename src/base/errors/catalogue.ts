/** Who is at fault: the client side, the backend side, or rwwwrse itself. */
export type ErrorSource = 'downstream' | 'upstream' | 'internal';

/** When the request may be sent again (DESIGN.md 7). */
export type RetryClass = 'never' | 'if_unsent' | 'if_reused_connection' | 'if_idempotent';

/** One row of the catalogue. */
export interface ErrorEntry {
  /** Status of the answer, or of the log line where no answer can be given. */
  readonly status: number;
  readonly source: ErrorSource;
  readonly retry: RetryClass;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** What the client may read. Never an internal message. */
  readonly text: string;
}

function downstream(status: number, text: string): ErrorEntry {
  return { status, source: 'downstream', retry: 'never', level: 'info', text };
}

function upstream(status: number, retry: RetryClass, text: string): ErrorEntry {
  return { status, source: 'upstream', retry, level: 'error', text };
}

function internal(status: number, text: string): ErrorEntry {
  return { status, source: 'internal', retry: 'never', level: 'error', text };
}

/**
 * Every failure the data plane knows, by its stable code: status, fault, retry class, log level and public text in one place.
 * Codes appear in error bodies and logs; they are part of the product's interface.
 */
export const CATALOGUE = {
  request_line_malformed: downstream(400, 'The request line is malformed'),
  request_target_invalid: downstream(400, 'The request target is malformed'),
  version_malformed: downstream(400, 'The protocol version is malformed'),
  version_unsupported: downstream(505, 'This HTTP version is not supported'),
  line_end_invalid: downstream(400, 'A line does not end with CR LF'),
  header_name_invalid: downstream(400, 'A header field name is malformed'),
  header_value_invalid: downstream(400, 'A header field value holds a forbidden byte'),
  header_folded: downstream(400, 'Folded header fields are refused'),
  head_too_large: downstream(431, 'The request header fields are too large'),
  too_many_fields: downstream(431, 'The request has too many header fields'),
  target_too_long: downstream(414, 'The request target is too long'),
  host_missing: downstream(400, 'The Host header field is missing'),
  host_repeated: downstream(400, 'The Host header field is repeated'),
  host_invalid: downstream(400, 'The Host header field is malformed'),
  authority_mismatch: downstream(400, 'The request target and the Host header field disagree'),
  length_repeated: downstream(400, 'The Content-Length header field is repeated'),
  length_invalid: downstream(400, 'The Content-Length header field is malformed'),
  length_and_encoding: downstream(400, 'Content-Length and Transfer-Encoding exclude each other'),
  encoding_unsupported: downstream(501, 'Only the chunked transfer encoding is supported'),
  encoding_repeated: downstream(400, 'The Transfer-Encoding header field is repeated'),
  encoding_on_http10: downstream(400, 'Transfer-Encoding is not allowed on HTTP/1.0'),
  connection_invalid: downstream(400, 'The Connection header field is malformed'),
  chunk_invalid: downstream(400, 'The chunked body is malformed'),
  trailer_invalid: downstream(400, 'A trailer field is malformed or forbidden'),
  body_too_large: downstream(413, 'The request body is too large'),
  proxy_header_invalid: downstream(400, 'The connection does not begin with a valid PROXY protocol header'),
  header_timeout: downstream(408, 'The request header did not arrive in time'),
  request_timeout: downstream(408, 'The request did not arrive in time'),
  data_rate_too_low: downstream(408, 'The request body arrived too slowly'),
  write_timeout: downstream(499, 'The client stopped reading'),
  expectation_failed: downstream(417, 'Only the expectation 100-continue is supported'),
  method_not_supported: downstream(501, 'This method is not supported'),
  method_refused: downstream(405, 'This method is not allowed'),
  upgrade_invalid: downstream(400, 'The upgrade request is malformed'),
  loop_detected: downstream(508, 'The request came back to this proxy'),
  client_abort_head: downstream(499, 'The client left before its request header was complete'),
  client_abort_request: downstream(499, 'The client left before its request was complete'),
  client_abort_waiting: downstream(499, 'The client left before the answer began'),
  client_abort_body: downstream(499, 'The client left before the answer was complete'),
  too_many_client_connections: downstream(429, 'Too many connections from this address'),
  host_not_configured: downstream(404, 'No route for this host'),
  endpoint_not_found: downstream(404, 'Not found'),
  endpoint_method_refused: downstream(405, 'This endpoint answers GET and HEAD'),
  endpoint_forbidden: downstream(403, 'This endpoint is not open to your address'),
  path_dot_segment: downstream(400, 'The request path holds a dot segment'),
  path_encoded_slash: downstream(400, 'The request path holds an encoded slash'),
  path_double_slash: downstream(400, 'The request path holds an empty segment'),
  path_backslash: downstream(400, 'The request path holds a backslash'),
  path_encoded_control: downstream(400, 'The request path holds an encoded control character'),
  path_overlong_encoding: downstream(400, 'The request path holds an overlong UTF-8 encoding'),
  too_many_connections: internal(503, 'Too many connections'),
  overloaded: internal(503, 'The proxy is overloaded'),
  metrics_timeout: internal(503, 'The metrics did not arrive in time'),
  shutting_down: internal(503, 'The proxy is stopping'),
  no_local_address: internal(503, 'The proxy has no free local address'),
  no_file_descriptors: internal(503, 'The proxy cannot open another connection'),
  internal_defect: internal(500, 'Internal error'),
  circuit_breaker_open: upstream(503, 'never', 'The circuit breakers of all backends are open'),
  backend_connect_refused: upstream(502, 'if_unsent', 'The backend refused the connection'),
  backend_connect_failed: upstream(502, 'if_unsent', 'The backend could not be reached'),
  backend_socket_missing: upstream(502, 'if_unsent', 'The backend does not listen'),
  backend_unreachable: upstream(502, 'if_unsent', 'There is no way to the backend'),
  backend_unresolved: upstream(502, 'if_unsent', 'The backend has no address'),
  backend_connect_timeout: upstream(504, 'if_unsent', 'The backend did not accept the connection in time'),
  backend_tls_failed: upstream(502, 'if_unsent', 'The backend could not be reached securely'),
  backend_certificate_invalid: upstream(502, 'if_unsent', 'The certificate of the backend is not trusted'),
  backend_pool_timeout: upstream(503, 'if_unsent', 'All connections to the backend are busy'),
  backend_reset_before_head: upstream(
    502,
    'if_reused_connection',
    'The backend closed the connection without an answer',
  ),
  backend_reset_reused: upstream(502, 'if_reused_connection', 'The backend closed a kept connection as it was used'),
  backend_reset_in_head: upstream(502, 'if_reused_connection', 'The backend closed the connection as its answer began'),
  backend_timeout: upstream(504, 'if_idempotent', 'The backend did not answer in time'),
  backend_upload_timeout: upstream(504, 'if_idempotent', 'The backend stopped taking the request body'),
  backend_invalid_response: upstream(502, 'never', 'The backend sent an invalid response'),
  backend_head_too_large: upstream(502, 'never', 'The response header of the backend is too large'),
  backend_body_invalid: upstream(502, 'never', 'The backend sent an invalid response body'),
  backend_body_incomplete: upstream(502, 'never', 'The backend closed the connection in the middle of its answer'),
  backend_body_timeout: upstream(504, 'never', 'The backend stopped in the middle of its answer'),
  route_timeout: upstream(504, 'never', 'The request took longer than its route allows'),
} as const satisfies Record<string, ErrorEntry>;

/** A stable failure code. */
export type ErrorCode = keyof typeof CATALOGUE;

/** The catalogue's row of a code. */
export function errorEntry(code: ErrorCode): ErrorEntry {
  return CATALOGUE[code];
}
