import assert from 'node:assert/strict';
import test from 'node:test';

import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE } from './framing.ts';
import { RequestHeadParser } from './request-head-parser.ts';
import { RequestHead } from './request-head.ts';

const HOST = 'Host: a.example';

function parse(line: string, ...fields: string[]): { readonly code: string; readonly head: RequestHead } {
  const parser = new RequestHeadParser({ headBytes: 8192, headFields: 50, targetBytes: 1024 });
  const head = new RequestHead();
  const text = `${line}\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;
  const stop = parser.parse(Buffer.from(`${text}\0`, 'latin1'), 0, text.length, head);
  return { code: stop < 0 ? parser.failure.code : '', head };
}

function headOf(line: string, ...fields: string[]): RequestHead {
  const { code, head } = parse(line, ...fields);
  assert.equal(code, '', [line, ...fields].join(' | '));
  return head;
}

function refusal(line: string, ...fields: string[]): string {
  return parse(line, ...fields).code;
}

const post = (...fields: string[]): string => refusal('POST / HTTP/1.1', HOST, ...fields);

test('without framing fields there is no body (RFC 9112 6.3 rule 7)', () => {
  const head = headOf('POST / HTTP/1.1', HOST);
  assert.deepEqual([head.framing, head.contentLength], [BODY_NONE, 0]);
});

test('Content-Length frames the body, 0 means none (RFC 9112 6.3 rule 6)', () => {
  for (const value of ['5', '05', ' 5', '\t5', '5 ', '5  ']) {
    const head = headOf('GET / HTTP/1.1', HOST, `Content-Length:${value}`);
    assert.deepEqual([head.framing, head.contentLength], [BODY_LENGTH, 5], JSON.stringify(value));
  }
  assert.equal(headOf('POST / HTTP/1.1', HOST, 'Content-Length: 0').framing, BODY_NONE);
});

test('a Content-Length that is not only digits is refused (RFC 9112 6.3 rule 5)', () => {
  for (const value of [
    '',
    '-5',
    '+5',
    '5,5',
    '5, 5',
    '5;',
    '0x5',
    '5e1',
    '5 5',
    '5\t',
    '5 \t',
    '9999999999999999',
    '\xb2',
  ]) {
    assert.equal(post(`Content-Length: ${value}`), 'length_invalid', JSON.stringify(value));
  }
});

test('a second Content-Length is refused, even an equal one (RFC 9112 6.3 rule 5)', () => {
  assert.equal(post('Content-Length: 5', 'content-length: 5'), 'length_repeated');
  assert.equal(post('Content-Length: 5', 'X: y', 'CONTENT-LENGTH: 6'), 'length_repeated');
  assert.equal(post('Content-Length: 0', 'Content-Length: 0'), 'length_repeated');
});

test('chunked in any case frames the body (RFC 9112 7.1)', () => {
  for (const value of ['chunked', 'Chunked', 'CHUNKED', ' \tchunked ']) {
    const head = headOf('POST / HTTP/1.1', HOST, `Transfer-Encoding:${value}`);
    assert.deepEqual([head.framing, head.contentLength], [BODY_CHUNKED, 0], JSON.stringify(value));
  }
});

test('any transfer coding but exactly chunked is refused (RFC 9112 6.1)', () => {
  for (const value of [
    '',
    'gzip',
    'identity',
    'gzip, chunked',
    'chunked, gzip',
    'chunked, chunked',
    'chunked,',
    ',chunked',
    'chunked;q=1',
    '"chunked"',
    'xchunked',
    'chunkedx',
    'chun ked',
    'chunked\t',
    'chunked\xa0',
    '\xa0chunked',
  ]) {
    assert.equal(post(`Transfer-Encoding: ${value}`), 'encoding_unsupported', JSON.stringify(value));
  }
});

test('a second Transfer-Encoding is refused', () => {
  assert.equal(post('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'), 'encoding_repeated');
  assert.equal(post('Transfer-Encoding: chunked', 'transfer-encoding: identity'), 'encoding_repeated');
});

test('Content-Length beside Transfer-Encoding is refused, in both orders (RFC 9112 6.1)', () => {
  assert.equal(post('Content-Length: 5', 'Transfer-Encoding: chunked'), 'length_and_encoding');
  assert.equal(post('Transfer-Encoding: chunked', 'Content-Length: 0'), 'length_and_encoding');
});

test('Transfer-Encoding on HTTP/1.0 is refused (RFC 9112 6.1)', () => {
  assert.equal(refusal('POST / HTTP/1.0', HOST, 'Transfer-Encoding: chunked'), 'encoding_on_http10');
});

test('HTTP/1.1 stays open unless told to close, HTTP/1.0 closes unless told to stay (RFC 9112 9.3)', () => {
  const persistent = (version: string, ...fields: string[]): boolean =>
    headOf(`GET / HTTP/${version}`, HOST, ...fields).persistent;
  assert.ok(persistent('1.1'));
  assert.ok(persistent('1.1', 'Connection: keep-alive'));
  assert.ok(persistent('1.1', 'Proxy-Connection: close'));
  assert.ok(!persistent('1.1', 'Connection: close'));
  assert.ok(!persistent('1.1', 'Connection: x-a', 'connection: keep-alive, CLOSE'));
  assert.ok(!persistent('1.0'));
  assert.ok(!persistent('1.0', 'Proxy-Connection: keep-alive'));
  assert.ok(persistent('1.0', 'Connection: Keep-Alive'));
  assert.ok(persistent('1.0', 'Connection: x-a, keep-alive'));
  assert.ok(!persistent('1.0', 'Connection: keep-alive, close'));
});

test('a Connection that is no list of tokens is refused (RFC 9110 7.6.1)', () => {
  assert.equal(post('Connection: close x'), 'connection_invalid');
  assert.equal(post('Connection: keep-alive', 'Connection: "x"'), 'connection_invalid');
});

test('an upgrade needs Connection: upgrade, an Upgrade field and HTTP/1.1 (RFC 9110 7.8)', () => {
  const upgrades = (version: string, ...fields: string[]): boolean =>
    headOf(`GET / HTTP/${version}`, HOST, ...fields).upgrade;
  assert.ok(upgrades('1.1', 'Connection: keep-alive, Upgrade', 'Upgrade: websocket'));
  assert.ok(!upgrades('1.1', 'Upgrade: websocket'));
  assert.ok(!upgrades('1.1', 'Connection: upgrade'));
  assert.ok(!upgrades('1.1', 'Connection: upgrade', 'Upgrade:'));
  assert.ok(!upgrades('1.0', 'Connection: upgrade', 'Upgrade: websocket'));
});

test('an upgrade to h2c is ignored: requests behind it would run past the proxy', () => {
  for (const value of ['h2c', 'H2C', 'websocket, h2c', 'h2c,websocket']) {
    const head = headOf('POST / HTTP/1.1', HOST, 'Connection: upgrade', `Upgrade: ${value}`, 'Content-Length: 3');
    assert.ok(!head.upgrade, value);
    assert.equal(head.framing, BODY_LENGTH);
  }
});

test('a body before a tunnel is refused: readers disagree where it ends', () => {
  const upgrade = ['Connection: upgrade', 'Upgrade: websocket'];
  assert.equal(post(...upgrade, 'Content-Length: 3'), 'upgrade_invalid');
  assert.equal(post(...upgrade, 'Transfer-Encoding: chunked'), 'upgrade_invalid');
  assert.equal(post(...upgrade, 'Content-Length: 0'), '');
});

test('an upgrade to what is no list of protocols is refused (RFC 9110 7.8)', () => {
  for (const value of ['a b', 'a/', '/1', 'a/1/2', 'a, ', '"a"', 'a;b']) {
    assert.equal(post('Connection: upgrade', `Upgrade: ${value}`), 'upgrade_invalid', value);
  }
  assert.ok(headOf('GET / HTTP/1.1', HOST, 'Connection: upgrade', 'Upgrade: a/1.0 ,\tb').upgrade);
});

test('100-continue counts on HTTP/1.1 with a body only; no other expectation is met (RFC 9110 10.1.1)', () => {
  const expects = (line: string, ...fields: string[]): boolean => headOf(line, HOST, ...fields).expectContinue;
  assert.ok(expects('POST / HTTP/1.1', 'Expect: 100-Continue', 'Content-Length: 3'));
  assert.ok(expects('POST / HTTP/1.1', 'Expect: 100-continue', 'Transfer-Encoding: chunked'));
  assert.ok(!expects('POST / HTTP/1.1', 'Expect: 100-continue'));
  assert.ok(!expects('POST / HTTP/1.0', 'Expect: 100-continue', 'Content-Length: 3'));
  for (const value of ['', 'x', '100-continue, x', '100-continue;q=1', '100continue']) {
    assert.equal(post('Content-Length: 3', `Expect: ${value}`), 'expectation_failed', value);
  }
  assert.equal(post('Content-Length: 3', 'Expect: 100-continue', 'Expect: 100-continue'), 'expectation_failed');
});

test('HTTP/1.1 has exactly one valid Host (RFC 9112 3.2)', () => {
  assert.equal(refusal('GET / HTTP/1.1'), 'host_missing');
  assert.equal(refusal('GET / HTTP/1.1', HOST, 'host: a.example'), 'host_repeated');
  for (const value of ['', 'a b', 'u@a', 'a,b', 'a/b', 'a:x', '[::1', '\xe9']) {
    assert.equal(refusal('GET / HTTP/1.1', `Host: ${value}`), 'host_invalid', value);
  }
});

test('the host is in lower case without port, the authority as received', () => {
  const head = headOf('GET / HTTP/1.1', 'Host: A.Example.:8080');
  assert.deepEqual([head.host, head.authority], ['a.example', 'A.Example.:8080']);
});

test('HTTP/1.0 may come without Host, but not with two or an invalid one', () => {
  const head = headOf('GET / HTTP/1.0');
  assert.deepEqual([head.host, head.authority], ['', '']);
  assert.equal(refusal('GET / HTTP/1.0', HOST, HOST), 'host_repeated');
  assert.equal(refusal('GET / HTTP/1.0', 'Host: a b'), 'host_invalid');
});

test('an absolute target is brought to the origin form (RFC 9112 3.2.2)', () => {
  for (const [target, origin] of [
    ['http://a.example/b?c', '/b?c'],
    ['HTTP://A.EXAMPLE/b', '/b'],
    ['https://a.example', '/'],
    ['http://a.example?c', '/?c'],
    ['http://a.example//b', '//b'],
  ] as const) {
    const head = headOf(`GET ${target} HTTP/1.1`, HOST);
    assert.deepEqual([head.target, head.host], [origin, 'a.example'], target);
  }
  assert.equal(headOf('OPTIONS http://a.example HTTP/1.1', HOST).target, '*');
});

test('the authority of an absolute target must be that of Host (RFC 9112 3.2.2)', () => {
  for (const target of [
    'http://b.example/',
    'http://a.example:80/',
    'http://a.example.evil/',
    'http://evil?@a.example/',
  ]) {
    assert.equal(refusal(`GET ${target} HTTP/1.1`, HOST), 'authority_mismatch', target);
  }
  assert.equal(refusal('GET http://a.example/ HTTP/1.1'), 'host_missing');
  const head = headOf('GET http://A.example/ HTTP/1.0');
  assert.deepEqual([head.host, head.authority], ['a.example', 'A.example']);
});

test('an absolute target with an authority that no host has is refused', () => {
  for (const target of ['http:///x', 'http://u@a.example/', 'http://a.example:99999/', 'http://a,b/']) {
    const authority = /\/\/([^/?]*)/.exec(target)?.[1] ?? '';
    assert.equal(refusal(`GET ${target} HTTP/1.1`, `Host: ${authority}`), 'host_invalid', target);
  }
});

test('any other form of target is refused (RFC 9112 3.2)', () => {
  for (const target of ['a', 'a.example:80', '?a', 'ftp://a.example/', 'http:/a', 'httpx://a.example/', '**', '*/']) {
    assert.equal(refusal(`GET ${target} HTTP/1.1`, HOST), 'request_target_invalid', target);
  }
  assert.equal(refusal('GET * HTTP/1.1', HOST), 'request_target_invalid');
  assert.equal(headOf('OPTIONS * HTTP/1.1', HOST).target, '*');
});

test('CONNECT is not for a reverse proxy (RFC 9110 9.3.6)', () => {
  assert.equal(refusal('CONNECT a.example:80 HTTP/1.1', HOST), 'method_not_supported');
  assert.equal(refusal('CONNECT / HTTP/1.1', HOST), 'method_not_supported');
});
