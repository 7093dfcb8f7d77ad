import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ACCESS_FIELDS } from '../../config/access-fields.ts';
import { jsonAccessLine } from './access-json.ts';
import type { AccessRecord } from './access-record.ts';

const AT = Date.UTC(2023, 11, 1, 10, 0, 1, 5);
const RECORD: AccessRecord = {
  clientAddress: '203.0.113.8',
  method: 'POST',
  target: '/login?a=1',
  protocolName: 'HTTP/1.1',
  status: 401,
  bodyBytes: 98,
  bytesReceived: 12,
  referer: null,
  userAgent: 'curl/8.0',
  host: 'app.example.com',
  route: 'web',
  backend: 'http://127.0.0.1:3000',
  requestId: '8448eb21',
  durationMs: 5_233.6,
  code: null,
  fault: null,
  attempts: 1,
  phases: {
    before: 0.25,
    retries: 0,
    queue: 0,
    connect: 1.5,
    upload: 0,
    firstByte: 20.0004,
    body: -1,
    current: 'body',
  },
};

test('a line is an object with all fields, what is not known being null (SPEC E.1)', () => {
  assert.deepEqual(JSON.parse(jsonAccessLine(ACCESS_FIELDS)(RECORD, AT)), {
    time: '2023-12-01T10:00:01.005Z',
    type: 'access',
    remote_addr: '203.0.113.8',
    method: 'POST',
    path: '/login?a=1',
    protocol: 'HTTP/1.1',
    status: 401,
    bytes: 98,
    bytes_received: 12,
    referer: null,
    user_agent: 'curl/8.0',
    host: 'app.example.com',
    route: 'web',
    backend: 'http://127.0.0.1:3000',
    request_id: '8448eb21',
    response_time: 5_234,
    code: null,
    fault: null,
    phase: null,
    attempts: 1,
    before_ms: 0.25,
    retries_ms: 0,
    queue_ms: 0,
    connect_ms: 1.5,
    upload_ms: 0,
    first_byte_ms: 20,
    body_ms: null,
  });
});

test('the time follows the clock to the millisecond', () => {
  const timeAt = (ms: number): string => jsonAccessLine(['time'])(RECORD, ms);
  for (const ms of [AT, AT + 0.9, AT + 1, AT + 994, AT + 995, AT - 6_000, 0, 999]) {
    assert.equal(timeAt(ms), `{"time":"${new Date(Math.floor(ms)).toISOString()}"}\n`);
  }
});

test('a failure has its code, the side at fault and the phase that it ended in', () => {
  const failed = { ...RECORD, code: 'backend_timeout', fault: 'backend', attempts: 2 };
  assert.equal(
    jsonAccessLine(['code', 'fault', 'phase', 'attempts'])(failed, AT),
    '{"code":"backend_timeout","fault":"backend","phase":"body","attempts":2}\n',
  );
});

test('chosen fields come in their order', () => {
  assert.equal(jsonAccessLine(['status', 'path'])(RECORD, AT), '{"status":401,"path":"/login?a=1"}\n');
});

test('whatever a client sends, a line is one line of ASCII that reads back as it was', () => {
  for (let unit = 0; unit < 256; unit++) {
    const userAgent = `a${String.fromCharCode(unit)}b`;
    const line = jsonAccessLine(['user_agent'])({ ...RECORD, userAgent }, AT);
    assert.match(line, /^[\x20-\x7e]+\n$/);
    assert.deepEqual(JSON.parse(line), { user_agent: userAgent });
  }
});
