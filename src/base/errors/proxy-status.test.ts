import assert from 'node:assert/strict';
import test from 'node:test';

import { ERROR_CODES } from './error-number.ts';
import { proxyStatusLine } from './proxy-status.ts';

/** RFC 9209 2.3, those that a proxy without a cache of its own can come to. */
const REGISTERED: ReadonlySet<string> = new Set([
  'dns_error',
  'destination_not_found',
  'destination_unavailable',
  'destination_ip_unroutable',
  'connection_refused',
  'connection_terminated',
  'connection_timeout',
  'connection_read_timeout',
  'connection_write_timeout',
  'connection_limit_reached',
  'tls_protocol_error',
  'tls_certificate_error',
  'http_request_error',
  'http_request_denied',
  'http_response_incomplete',
  'http_response_header_section_size',
  'http_response_timeout',
  'http_protocol_error',
  'proxy_internal_error',
  'proxy_loop_detected',
]);

test('every code has one line of a registered type (RFC 9209 2.3), with the code as its details', () => {
  for (const code of ERROR_CODES) {
    const [, type = '', details] =
      /^Proxy-Status: rwwwrse; error=([a-z_]+); details="([a-z0-9_]+)"\r\n$/.exec(proxyStatusLine(code)) ?? [];
    assert.equal(details, code);
    assert.ok(REGISTERED.has(type), `${code}: ${type}`);
  }
});
