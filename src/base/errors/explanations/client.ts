import { explained } from './explanation.ts';

const BROKEN =
  'Nothing, for a scanner or a broken client. When a client of your own does it, mend how it writes requests.';
const SMUGGLING =
  'Nothing: two programs could read the request differently, so it is never passed on. Mend the client.';
const PATHS = 'Nothing for a scanner. If the application needs such paths, set `ambiguous_path: pass` on its route.';

/** Refusals of what a client sent (docs/http.md), and clients that went away or were too slow. */
export const CLIENT_EXPLANATIONS = {
  request_line_malformed: explained('The first line is not `METHOD target HTTP/1.x`.', BROKEN),
  request_target_invalid: explained('The request target holds a forbidden byte or a broken percent-encoding.', BROKEN),
  version_malformed: explained(
    'The protocol version is not `HTTP/1.0` or the like; often TLS on a plain port.',
    BROKEN,
  ),
  version_unsupported: explained('The client speaks another version than HTTP/1.0 or HTTP/1.1.', BROKEN),
  line_end_invalid: explained('A line of the head ends with a bare CR or LF.', SMUGGLING),
  header_name_invalid: explained(
    'A field name is empty, holds a forbidden byte, or is followed by a space.',
    SMUGGLING,
  ),
  header_value_invalid: explained('A field value holds NUL or a control byte.', SMUGGLING),
  header_folded: explained('A field goes on in the next line (obs-fold).', SMUGGLING),
  head_too_large: explained(
    'The request head is larger than the listener allows.',
    'Look for a cookie that grows. Raise `max_header_bytes` only if the application needs such heads.',
  ),
  too_many_fields: explained(
    'The request head has more fields than the listener allows.',
    'Raise `max_header_count` only if the application needs so many.',
  ),
  target_too_long: explained(
    'The request target is longer than the listener allows.',
    'Send long forms as a body; or raise `max_target_bytes`.',
  ),
  host_missing: explained('An HTTP/1.1 request has no Host field.', BROKEN),
  host_repeated: explained('A request has two Host fields.', SMUGGLING),
  host_invalid: explained('The Host field is no host and port.', BROKEN),
  authority_mismatch: explained('The target names another host than the Host field.', SMUGGLING),
  length_repeated: explained('There are two Content-Length fields.', SMUGGLING),
  length_invalid: explained('Content-Length is no plain number, or not the length of the body that came.', SMUGGLING),
  length_and_encoding: explained('There are both Content-Length and Transfer-Encoding.', SMUGGLING),
  encoding_unsupported: explained('Transfer-Encoding is something other than `chunked`.', SMUGGLING),
  encoding_repeated: explained('There are two Transfer-Encoding fields.', SMUGGLING),
  encoding_on_http10: explained('An HTTP/1.0 request has a Transfer-Encoding.', SMUGGLING),
  connection_invalid: explained('The Connection field is not a list of names.', SMUGGLING),
  chunk_invalid: explained('A chunk of the request body has a broken size, extension or end.', SMUGGLING),
  trailer_invalid: explained('A trailer of the request body is broken or forbidden.', SMUGGLING),
  body_too_large: explained(
    'The request body is larger than the listener allows.',
    'Raise `max_body_bytes` if such uploads are wanted.',
  ),
  proxy_header_invalid: explained(
    'A trusted peer opened a connection without the PROXY header that `proxy_protocol` demands, or with a malformed one.',
    'Let the proxy in front send the PROXY protocol (version 1 or 2), or take it out of `trust_proxy`, or switch `proxy_protocol` off.',
  ),
  header_timeout: explained(
    'The head of a request began and did not become complete in time.',
    'Single ones are clients with bad networks. Many from few addresses are an attack (slowloris): the limit does its work.',
  ),
  request_timeout: explained(
    'The body of a request did not arrive within `read_timeout`.',
    'Raise the timeout if slow uploads are wanted.',
  ),
  data_rate_too_low: explained(
    'The body of a request arrived more slowly than `min_data_rate` demands.',
    'Lower `min_data_rate` if clients with slow uploads are wanted.',
  ),
  write_timeout: explained(
    'The client took nothing of its answer for `write_timeout`; its connection was cut.',
    'Nothing for single ones: the client slept or lost its network. Raise the timeout for clients that pause downloads.',
  ),
  expectation_failed: explained('The Expect field asks for something other than `100-continue`.', BROKEN),
  method_not_supported: explained('The method is CONNECT, or not known to HTTP.', BROKEN),
  method_refused: explained(
    'The method is not passed to backends, such as TRACE.',
    'Nothing: these methods show what the proxy adds to requests.',
  ),
  upgrade_invalid: explained('A request for another protocol has a body, or names no protocol.', BROKEN),
  loop_detected: explained(
    'The request carries the `Via` of this proxy: it has been here before.',
    'A backend or another proxy sends requests back. Look at the targets of the route.',
  ),
  client_abort_head: explained(
    'The client closed its connection in the middle of a request head.',
    'Nothing for single ones. Many point to a health check that opens a connection and sends half a request.',
  ),
  client_abort_request: explained(
    'The client closed its connection before it had sent its whole request body.',
    'Nothing for single ones: uploads are cancelled, networks break.',
  ),
  client_abort_waiting: explained(
    'The client sent its whole request and left before the answer began.',
    'Look at the phases: a long `first_byte` means that the backend is slower than the patience of its clients.',
  ),
  client_abort_body: explained(
    'The client left in the middle of the answer.',
    'Nothing for single ones: downloads are cancelled, pages are left. Many on one route point to answers that are too large.',
  ),
  too_many_client_connections: explained(
    'One address has more connections than `max_connections_per_client`.',
    'Raise it when a proxy or a gateway with many users stands in front; the limit counts the addresses of connections.',
  ),
  host_not_configured: explained(
    'No route takes this host and path.',
    'Ask `rwwwrse explain METHOD URL`. For a scanner: nothing.',
  ),
  endpoint_not_found: explained('The path is one of the proxy and is not served.', 'Look at docs/endpoints.md.'),
  endpoint_method_refused: explained('An endpoint of the proxy was asked with another method.', 'Use GET or HEAD.'),
  endpoint_forbidden: explained(
    'An endpoint of the proxy is open to insiders only.',
    'List the network in `metrics.allow`, or ask on the metrics listener.',
  ),
  path_dot_segment: explained('The path holds `.` or `..` in a spelling that others may resolve.', PATHS),
  path_encoded_slash: explained('The path holds `%2F`.', PATHS),
  path_double_slash: explained('The path holds `//`.', PATHS),
  path_backslash: explained('The path holds a backslash, which some programs take for a slash.', PATHS),
  path_encoded_control: explained('The path holds an encoded control character.', PATHS),
  path_overlong_encoding: explained('The path holds UTF-8 in a longer form than needed.', SMUGGLING),
} as const;
