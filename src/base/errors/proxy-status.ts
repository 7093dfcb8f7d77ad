import { CATALOGUE, type ErrorCode, errorEntry } from './catalogue.ts';

/** Error types of RFC 9209 2.3 for failures that have one of their own. */
const TYPES: Partial<Record<ErrorCode, string>> = {
  method_refused: 'http_request_denied',
  too_many_client_connections: 'http_request_denied',
  endpoint_forbidden: 'http_request_denied',
  endpoint_method_refused: 'http_request_denied',
  host_not_configured: 'destination_not_found',
  endpoint_not_found: 'destination_not_found',
  loop_detected: 'proxy_loop_detected',
  circuit_breaker_open: 'destination_unavailable',
  backend_connect_refused: 'connection_refused',
  backend_socket_missing: 'connection_refused',
  backend_unreachable: 'destination_ip_unroutable',
  backend_unresolved: 'dns_error',
  backend_tls_failed: 'tls_protocol_error',
  backend_certificate_invalid: 'tls_certificate_error',
  backend_connect_timeout: 'connection_timeout',
  backend_pool_timeout: 'connection_limit_reached',
  backend_reset_before_head: 'connection_terminated',
  backend_reset_reused: 'connection_terminated',
  backend_reset_in_head: 'http_response_incomplete',
  backend_body_incomplete: 'http_response_incomplete',
  backend_timeout: 'http_response_timeout',
  backend_body_timeout: 'connection_read_timeout',
  backend_upload_timeout: 'connection_write_timeout',
  backend_head_too_large: 'http_response_header_section_size',
  backend_invalid_response: 'http_protocol_error',
  backend_body_invalid: 'http_protocol_error',
  route_timeout: 'http_response_timeout',
};
const DEFAULTS = {
  downstream: 'http_request_error',
  upstream: 'destination_unavailable',
  internal: 'proxy_internal_error',
} as const;

/** Whole field lines, by code: made once, as every error answer has one. */
const LINES: Readonly<Record<string, string>> = Object.fromEntries(
  (Object.keys(CATALOGUE) as ErrorCode[]).map((code) => [
    code,
    `Proxy-Status: rwwwrse; error=${TYPES[code] ?? DEFAULTS[errorEntry(code).source]}; details="${code}"\r\n`,
  ]),
);

/**
 * The field line that says in an error answer which proxy failed and why (RFC 9209): the registered type, and our code as the
 * details. It is there for answers without a body of ours: to HEAD, and pages of a route.
 */
export function proxyStatusLine(code: ErrorCode): string {
  return LINES[code] as string;
}
