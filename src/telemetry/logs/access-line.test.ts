import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { accessLine, morePairs } from './access-line.ts';
import type { AccessRecord } from './access-record.ts';

const AT = Date.UTC(2023, 11, 1, 10, 0, 1, 999);
const PLAIN: AccessRecord = {
  clientAddress: '203.0.113.8',
  method: 'POST',
  target: '/login',
  protocolName: 'HTTP/1.1',
  status: 401,
  bodyBytes: 98,
  bytesReceived: 12,
  referer: 'https://ref',
  userAgent: 'curl/8.0',
  host: 'app.example.com',
  backend: 'app',
  route: 'web',
  requestId: '8448eb21',
  durationMs: 5_234,
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
const line = (change: Partial<AccessRecord> = {}): string => accessLine({ ...PLAIN, ...change }, AT);

/** Runs a command of the Operations Guide on lines as if they were its access log. */
function runGuide(context: TestContext, command: string, lines: readonly string[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'access.log');
  writeFileSync(path, lines.join(''));
  const output = execFileSync('sh', ['-c', command.replaceAll('/var/log/rwwwrse/access.log', path)], {
    encoding: 'utf8',
  });
  return output
    .trimEnd()
    .split('\n')
    .map((each) => each.trim());
}

test('a line is the combined format and ends in response_time and status (SPEC E.1)', () => {
  assert.equal(
    line(),
    '203.0.113.8 - - [01/Dec/2023:10:00:01 +0000] "POST /login HTTP/1.1" 401 98 "https://ref" "curl/8.0" ' +
      'host="app.example.com" backend="app" request_id="8448eb21" response_time=5234 status=401\n',
  );
});

test('the line of a tunnel tells what went each way, before the words that every line ends in', () => {
  assert.match(
    line({ status: 101, bodyBytes: 7, bytesReceived: 4_000 }),
    /" 101 7 .* request_id="8448eb21" bytes_received=4000 response_time=5234 status=101\n$/,
  );
});

test('a failure has its code, the side at fault and the phase before response_time', () => {
  assert.match(
    line({ code: 'backend_timeout', fault: 'backend' }),
    / request_id="8448eb21" code=backend_timeout fault=backend phase=body response_time=5234 status=401\n$/,
  );
});

test('chosen fields that a line does not have come before response_time, those that it has come once', () => {
  const more = morePairs(['first_byte_ms', 'status', 'body_ms', 'code', 'route', 'attempts']);
  assert.match(
    accessLine(PLAIN, AT, more),
    / request_id="8448eb21" first_byte_ms=20 body_ms=- route="web" attempts=1 response_time=5234 status=401\n$/,
  );
  assert.equal(morePairs(['status', 'code']), null);
});

test('the stamp is UTC and follows the clock', () => {
  const stampAt = (...[year, month, ...rest]: Parameters<typeof Date.UTC>): string | undefined =>
    /\[.*?\]/.exec(accessLine(PLAIN, Date.UTC(year, month, ...rest)))?.[0];
  assert.equal(stampAt(2024, 1, 29, 23, 59, 59, 999), '[29/Feb/2024:23:59:59 +0000]');
  assert.equal(stampAt(2024, 2, 1), '[01/Mar/2024:00:00:00 +0000]');
  assert.equal(stampAt(2024, 1, 29, 23, 59, 59), '[29/Feb/2024:23:59:59 +0000]');
});

test('what is not known is a dash', () => {
  const bare = line({ clientAddress: '', referer: null, userAgent: '', backend: null });
  assert.match(bare, /^- - - \[/);
  assert.match(bare, / 98 "-" "-" host="app\.example\.com" backend="-" /);
});

test('a client cannot forge a line or a field: quotes, backslashes, controls and other bytes become \\xHH', () => {
  const evil = 'a" status=200\n127.0.0.1 - - [x] "GET / HTTP/1.1" 200 1 \\ \u0000\u001b[31m\u007f\u00e9';
  for (const change of [
    { userAgent: evil },
    { referer: evil },
    { host: evil },
    { target: evil },
  ] satisfies Partial<AccessRecord>[]) {
    const text = line(change);
    assert.equal(text.indexOf('\n'), text.length - 1, 'one request is one line');
    assert.doesNotMatch(text.slice(0, -1), /[^\x20-\x7e]/);
    assert.equal(text.split('"').length, 13, `a quote of the client's is left: ${text}`);
    assert.match(text, /a\\x22/);
    assert.match(text, /\\x5C/);
    assert.match(text, / response_time=5234 status=401\n$/);
  }
});

test('the request target is one word, so that awk counts right', () => {
  assert.equal(line({ target: '/a b\tc' }).split(/\s+/)[6], '/a\\x20b\\x09c');
});

const MIXED = [
  line({ clientAddress: '203.0.113.8', target: '/login?next=%2F', status: 401, durationMs: 12 }),
  line({ clientAddress: '203.0.113.8', target: '/login', status: 401, durationMs: 9_999 }),
  line({ clientAddress: '2001:db8::1', target: '/login', status: 401, durationMs: 4_999.4 }),
  line({
    clientAddress: '198.51.100.7',
    target: '/fine',
    status: 200,
    bodyBytes: 401_500,
    requestId: '5000401',
    durationMs: 3,
  }),
  line({ clientAddress: '198.51.100.7', target: '/missing', status: 404, durationMs: 1 }),
  line({ clientAddress: '198.51.100.7', target: '/missing', status: 404, userAgent: '5555 401', durationMs: 2 }),
  line({ clientAddress: '198.51.100.9', target: '/broken', status: 502, durationMs: 5_000 }),
  line({ clientAddress: '198.51.100.9', target: '/slow', status: 200, durationMs: 7_001.5 }),
  line({ clientAddress: '198.51.100.9', target: '/moved', status: 301, durationMs: 40 }),
  line({ clientAddress: '198.51.100.9', target: '/port', host: 'a:5000', status: 204, durationMs: 401 }),
];

test('Operations Guide, line 374: clients of refused logins, most first', (context) => {
  const command = `grep "status.*401" /var/log/rwwwrse/access.log | awk '{print $1}' | sort | uniq -c | sort -nr`;
  assert.deepEqual(runGuide(context, command, MIXED), ['2 203.0.113.8', '1 2001:db8::1']);
});

test('Operations Guide, line 378: paths of failed requests, most first', (context) => {
  const command = `grep "status.*[45][0-9][0-9]" /var/log/rwwwrse/access.log | awk '{print $7}' | sort | uniq -c | sort -nr`;
  const counts = runGuide(context, command, MIXED);
  assert.deepEqual(counts.toSorted(), ['1 /broken', '1 /login?next=%2F', '2 /login', '2 /missing'].toSorted());
});

test('Operations Guide, line 411: requests of 5000 to 9999 ms', (context) => {
  const slow = runGuide(context, 'grep "response_time.*[5-9][0-9][0-9][0-9]" /var/log/rwwwrse/access.log', MIXED);
  assert.deepEqual(
    slow,
    [MIXED[1], MIXED[6], MIXED[7]].map((each) => each?.trimEnd()),
  );
});
