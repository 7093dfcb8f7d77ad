import assert from 'node:assert/strict';
import test from 'node:test';

import { CATALOGUE, type ErrorCode, errorEntry } from './catalogue.ts';

const ENTRIES = Object.entries(CATALOGUE);

/** Words that would tell a client how the program is made. */
const INTERNAL =
  /\b(?:undefined|null|NaN|exceptions?|stack|sockets?|workers?|threads?|buffers?|pools?|leases?|snapshots?|exchanges?|pipelines?|filters?|upstream|downstream|wheels?|fences?|errno|node|rwwwrse|timeouts?)\b|[_/\\]|\.ts/i;
const SYSTEM_ERROR = /\bE[A-Z]{4,}\b/;

test('every code is a name in snake case, since it stands in answers and logs', () => {
  for (const [code] of ENTRIES) assert.match(code, /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/);
});

test('every failure is a 4xx or 5xx', () => {
  for (const [code, { status }] of ENTRIES) assert.ok(Number.isInteger(status) && status >= 400 && status <= 599, code);
});

test('the status names who is at fault: 502 to 504 the backend, 500 and 503 the proxy, anything else the client', () => {
  for (const [code, { status, source }] of ENTRIES) {
    if (source === 'upstream') assert.ok([502, 503, 504].includes(status), code);
    else if (source === 'internal') assert.ok([500, 503].includes(status), code);
    else assert.ok(status < 500 || [501, 505, 508].includes(status), code);
  }
});

test('only a failure of a backend may be retried, and never one that happened after its answer began', () => {
  for (const [code, { source, retry }] of ENTRIES) if (source !== 'upstream') assert.equal(retry, 'never', code);
  for (const code of [
    'backend_invalid_response',
    'backend_body_invalid',
    'backend_body_incomplete',
    'backend_body_timeout',
  ] as const) {
    assert.equal(CATALOGUE[code].retry, 'never');
  }
  for (const [code, { retry }] of ENTRIES) {
    if (/^backend_(?:connect|pool|unresolved)/.test(code)) assert.equal(retry, 'if_unsent', code);
  }
});

test('the public text is one short sentence without internal words', () => {
  for (const [code, entry] of ENTRIES) {
    const text = entry.text.replace('HTTP/1.0', 'HTTP');
    assert.match(text, /^[A-Z][A-Za-z0-9 ,-]+$/, code);
    assert.ok(text.length <= 80, code);
    assert.doesNotMatch(text, INTERNAL, code);
    assert.doesNotMatch(text, SYSTEM_ERROR, code);
  }
});

test('a client that went away is no error of the proxy: 499, below the level of a warning', () => {
  for (const [code, { status, level, source }] of ENTRIES) {
    if (status === 499) assert.deepEqual([source, level], ['downstream', 'info'], code);
  }
  assert.ok(ENTRIES.filter(([code]) => code.startsWith('client_abort_')).every(([, { status }]) => status === 499));
});

test('what a client does wrong is logged as information, what fails on our side as an error', () => {
  for (const [code, { source, level }] of ENTRIES)
    assert.equal(level, source === 'downstream' ? 'info' : 'error', code);
});

test('limits answer with the statuses that name them (RFC 9110 15.5, RFC 6585)', () => {
  const statuses: Partial<Record<ErrorCode, number>> = {
    body_too_large: 413,
    target_too_long: 414,
    head_too_large: 431,
    too_many_fields: 431,
    expectation_failed: 417,
    too_many_client_connections: 429,
    header_timeout: 408,
    request_timeout: 408,
    version_unsupported: 505,
    encoding_unsupported: 501,
    method_not_supported: 501,
    loop_detected: 508,
  };
  for (const [code, status] of Object.entries(statuses))
    assert.equal(errorEntry(code as ErrorCode).status, status, code);
});

test('the entry of a code is its row', () => {
  for (const [code, entry] of ENTRIES) assert.equal(errorEntry(code as ErrorCode), entry);
});
