import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Redaction } from './redaction.ts';

const redaction = new Redaction(['internal_ref', 'x-acme-*']);

test('values of secret parameters are masked, everything else of a target stays', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['/plain', '/plain'],
    ['/a?page=2&sort=name', '/a?page=2&sort=name'],
    ['/a?token=abc', '/a?token=***'],
    ['/a?x=1&api_key=abc&y=2', '/a?x=1&api_key=***&y=2'],
    ['/a?API-KEY=abc;y=2', '/a?API-KEY=***'],
    [`/a?token=ab'c"d<e;f&y=2`, '/a?token=***&y=2'],
    [`/a?x=1;token=ab'c`, '/a?x=1;token=***'],
    ['/a?user%5Bpassword%5D=abc', '/a?user%5Bpassword%5D=***'],
    ['/a?pass%77ord=abc', '/a?pass%77ord=***'],
    ['/a?pass%2577ord=abc', '/a?pass%2577ord=***'],
    ['/a?next=%2Fb%3Ftoken%3Dabc', '/a?next=***'],
    ['/a?next=/b?token=abc', '/a?next=***'],
    ['/a;jsessionid=abc/b', '/a;jsessionid=***'],
    ['/cb?code=abc&state=1', '/cb?code=***&state=1'],
    ['/a?internal-ref=abc', '/a?internal-ref=***'],
    ['/a?x-acme-thing=abc&b=1', '/a?x-acme-thing=***&b=1'],
    ['/a?token', '/a?token'],
    ['/a?token=', '/a?token=***'],
    ['http://u:abc@h/a?sig=abc', 'http://***@h/a?sig=***'],
  ];
  for (const [given, expected] of cases) assert.equal(redaction.target(given), expected);
});

test('a parameter of any name whose value has the form of a credential is masked', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['/a?next=http://u:abc@h/&b=1', '/a?next=***&b=1'],
    ['/a?next=http%3A%2F%2Fu%3Aabc%40h%2F', '/a?next=***'],
    ['/a?state=eyJhbGciOi.eyJzdWIi.c2ln', '/a?state=***'],
    ['/a;v=eyJhbGciOi.eyJzdWIi.c2ln', '/a;v=***'],
    ['/a?h=Bearer+abcdef123', '/a?h=***'],
    ['/a?h=Bearer%20abcdef123', '/a?h=***'],
    ['/a?mail=ann@example.com&q=a+b', '/a?mail=ann@example.com&q=a+b'],
  ];
  for (const [given, expected] of cases) assert.equal(redaction.target(given), expected);
  assert.equal(redaction.url('https://h/?state=eyJhbGciOi.eyJzdWIi.c2ln'), 'https://h/?state=***');
});

test('a URL of others loses its user, its secret parameters and those of its fragment', () => {
  assert.equal(redaction.url('https://u:abc@h/p?a=1'), 'https://***@h/p?a=1');
  assert.equal(redaction.url('https://u:a@bc@h/p?a=1'), 'https://***@h/p?a=1');
  assert.equal(redaction.url('https://h/p#access_token=abc&a=1'), 'https://h/p#access_token=***&a=1');
  assert.equal(redaction.url('https://h/p'), 'https://h/p');
});

test('secret headers are masked as a whole, others lose what has the form of a credential', () => {
  for (const name of [
    'Authorization',
    'Proxy-Authorization',
    'Cookie',
    'set-cookie',
    'X-API-Key',
    'X-Auth-Token',
    'X-Acme-Y',
  ]) {
    assert.equal(redaction.header(name, 'abc'), '***', name);
  }
  assert.equal(redaction.header('Accept', 'text/html'), 'text/html');
  assert.equal(redaction.header('X-Forwarded-Uri', '/a?token=abc'), '/a?token=***');
  assert.equal(redaction.header('X-Original', 'Bearer abcdef123'), 'Bearer ***');
  assert.equal(redaction.header('X-Note', 'eyJhbGciOi.eyJzdWIi.c2ln'), '***');
  assert.equal(redaction.header('Sec-WebSocket-Key', 'dGhlIHNhbXBsZQ=='), 'dGhlIHNhbXBsZQ==');
});

test('members of JSON are masked at any depth, in any spelling, in text that is cut off, with nothing else changed', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{"a":1,"password":"abc","b":"c"}', '{"a":1,"password":"***","b":"c"}'],
    ['{"a":{"apiKey" : "ab\\"c"},"b":2}', '{"a":{"apiKey" : "***"},"b":2}'],
    ['{"pass\\u0077ord":"abc"}', '{"pass\\u0077ord":"***"}'],
    ['{"client_secret":{"x":"abc}","y":["abc"]},"b":2}', '{"client_secret":"***","b":2}'],
    ['{"tokens":["abc","abc"],"b":2}', '{"tokens":"***","b":2}'],
    ['{"pin":1234,"otp":null}', '{"pin":"***","otp":"***"}'],
    ['{"password":"abc', '{"password":"***"'],
    ['{"a":"b","password":{"x":"abc', '{"a":"b","password":"***"'],
    ['{"raw":"{\\"password\\":\\"abc\\"}"}', '{"raw":"***"}'],
    ['{"raw":"a=1&token=abc"}', '{"raw":"***"}'],
    ['{"code":"not_found","key":"k"}', '{"code":"not_found","key":"k"}'],
    ['["x","y:z"]', '["x","y:z"]'],
    ['{"unfinished', '{"unfinished'],
  ];
  for (const [given, expected] of cases) assert.equal(redaction.body('application/json', given), expected);
});

test('a form loses its secret fields; what looks like JSON is treated as JSON; other bodies are not shown', () => {
  const form = 'application/x-www-form-urlencoded';
  assert.equal(redaction.body(form, 'user=a&password=abc&b=1'), 'user=a&password=***&b=1');
  assert.equal(redaction.body(form, 'password=abc'), 'password=***');
  assert.equal(redaction.body(form, `password=a b'c"d;e#f<g&b=it's`), `password=***&b=it's`);
  assert.equal(redaction.body(form, 'pass word=abc&a=1\r\npassword=abc'), 'pass word=***&a=***');
  assert.equal(redaction.body(form, 'payload=%7B%22token%22%3A%22abc%22%7D'), 'payload=***');
  assert.equal(redaction.body(form, ' {"password":"abc"}'), ' {"password":"***"}');
  assert.equal(redaction.body('application/vnd.api+json; charset=utf-8', '"a"'), '"a"');
  assert.equal(redaction.body('text/plain', 'password: abc'), null);
  assert.equal(redaction.body('application/json', "{'password': 'abc'}"), null);
  assert.equal(redaction.body('application/json5', '{a: 1, password: "abc"}'), null);
  assert.equal(redaction.body('application/graphql', '{ login(password: "abc") }'), null);
  assert.equal(redaction.body('multipart/form-data; boundary=x', '--x'), null);
});

test('a long body takes linear time', { timeout: 10_000 }, () => {
  for (const body of [
    '{"a'.repeat(300_000),
    '"\\'.repeat(300_000),
    '[{'.repeat(300_000),
    '{"a":"=' + ':a='.repeat(200_000),
  ]) {
    assert.equal(typeof redaction.body('application/json', body), 'string');
  }
  assert.equal(redaction.target(`/?${'a'.repeat(60_000)}%`).length, 60_003);
  assert.equal(redaction.url(`http://h/?a=%${'a'.repeat(4_000_000)}`).length, 4_000_013);
  assert.equal(redaction.text('-eyJ'.repeat(300_000)).length, 1_200_000);
});
