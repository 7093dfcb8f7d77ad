import assert from 'node:assert/strict';
import test from 'node:test';

import { INCOMPLETE, REFUSED } from './field-lines.ts';
import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE, BODY_UNTIL_CLOSE } from './framing.ts';
import { ResponseHead, ResponseHeadParser } from './response-head.ts';

const LIMITS = { headBytes: 1024, headFields: 10, targetBytes: 0 };

interface Parsed {
  readonly stop: number;
  readonly head: ResponseHead;
  readonly refusal: ResponseHeadParser['refusal'];
}

function parse(text: string, bodyless = false): Parsed {
  const parser = new ResponseHeadParser(LIMITS);
  const head = new ResponseHead();
  const bytes = Buffer.from(`HTT${text}\0P/1.1 200 OK\r\n\r\n`, 'latin1');
  const stop = parser.parse(bytes, 3, 3 + text.length, head, bodyless);
  return { stop: stop > 0 ? stop - 3 : stop, head, refusal: parser.refusal };
}

const textOf = (line: string, fields: readonly string[]): string =>
  `${line}\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;

function headOf(line: string, ...fields: string[]): ResponseHead {
  const text = textOf(line, fields);
  const { stop, head } = parse(text);
  assert.equal(stop, text.length, JSON.stringify(text));
  return head;
}

function isRefused(line: string, ...fields: string[]): boolean {
  return parse(textOf(line, fields)).stop === REFUSED;
}

test('a status line is version, three digits and an optional reason (RFC 9112 4)', () => {
  for (const [line, minor, status, reason] of [
    ['HTTP/1.1 200 OK', 1, 200, 'OK'],
    ['HTTP/1.0 404 Not Found', 0, 404, 'Not Found'],
    ['HTTP/1.1 200 ', 1, 200, ''],
    ['HTTP/1.1 200', 1, 200, ''],
    ['HTTP/1.1 200 No', 1, 200, 'No'],
    ['HTTP/1.1 599  \t\xe9', 1, 599, ' \t\xe9'],
  ] as const) {
    const head = headOf(line);
    assert.deepEqual([head.minorVersion, head.status], [minor, status], line);
    if (!line.endsWith('No')) assert.equal(head.reason, reason, line);
  }
});

test('a malformed status line is refused', () => {
  for (const line of [
    '',
    ' HTTP/1.1 200 OK',
    'http/1.1 200 OK',
    'HTTP/2.0 200 OK',
    'HTTP/1.2 200 OK',
    'HTTP/1.10 200 OK',
    'HTTP/0.9 200 OK',
    'ICY 200 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1\t200 OK',
    'HTTP/1.1 20 OK!',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 099 OK',
    'HTTP/1.1 -20 OK',
    'HTTP/1.1 2a0 OK',
    'HTTP/1.1 200\tOK',
    'HTTP/1.1 200OK',
    'HTTP/1.1 200 \0',
    'HTTP/1.1 200 a\x01',
    'HTTP/1.1 200 OK\n',
    'HTTP/1.1 200 O\rK',
  ]) {
    assert.ok(isRefused(line, 'Content-Length: 0'), JSON.stringify(line));
  }
});

test('the rules of field lines are those of requests', () => {
  for (const line of ['a : b', ' a: b', ': b', 'a', 'a: b\n', 'a: \0', 'a: b\r\n c', 'a(: b']) {
    assert.ok(isRefused('HTTP/1.1 200 OK', line), JSON.stringify(line));
  }
});

test('the framing of a final answer is that of RFC 9112 6.3', () => {
  const framing = (...fields: string[]): number => headOf('HTTP/1.1 200 OK', ...fields).framing;
  assert.equal(framing('Transfer-Encoding: chunked'), BODY_CHUNKED);
  assert.equal(framing('transfer-encoding: CHUNKED'), BODY_CHUNKED);
  assert.equal(framing('Content-Length: 5'), BODY_LENGTH);
  assert.equal(framing('Content-Length: 0'), BODY_NONE);
  assert.equal(framing(), BODY_UNTIL_CLOSE);
});

test('answers to HEAD, 1xx, 204 and 304 have no body, whatever they say (RFC 9112 6.3 rule 1)', () => {
  for (const fields of [[], ['Content-Length: 5'], ['Transfer-Encoding: chunked']]) {
    assert.equal(parse(textOf('HTTP/1.1 200 OK', fields), true).head.framing, BODY_NONE);
    for (const status of [100, 101, 103, 199, 204, 304])
      assert.equal(headOf(`HTTP/1.1 ${status} X`, ...fields).framing, BODY_NONE, String(status));
  }
});

test('the length of a body that is not sent is kept for HEAD and 304 (RFC 9110 8.6)', () => {
  assert.equal(parse(textOf('HTTP/1.1 200 OK', ['Content-Length: 5']), true).head.contentLength, 5);
  assert.equal(headOf('HTTP/1.1 304 X', 'Content-Length: 5').contentLength, 5);
  assert.equal(headOf('HTTP/1.1 304 X').contentLength, -1);
});

test('what two readers could frame differently is refused', () => {
  for (const fields of [
    ['Content-Length: 5', 'Content-Length: 5'],
    ['Content-Length: 5', 'Content-Length: 6'],
    ['Content-Length: 5', 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: chunked', 'Content-Length: 5'],
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
    ['Content-Length: 5, 5'],
    ['Content-Length: -1'],
    ['Content-Length: +5'],
    ['Content-Length:'],
    ['Content-Length: 5\t'],
    ['Content-Length: 9999999999999999'],
    ['Transfer-Encoding: gzip'],
    ['Transfer-Encoding: gzip, chunked'],
    ['Transfer-Encoding: chunked, gzip'],
    ['Transfer-Encoding: identity'],
    ['Transfer-Encoding: chunked\t'],
    ['Transfer-Encoding:'],
    ['Connection: close x'],
  ]) {
    assert.ok(isRefused('HTTP/1.1 200 OK', ...fields), fields.join(' | '));
  }
  assert.ok(isRefused('HTTP/1.0 200 OK', 'Transfer-Encoding: chunked'));
});

test('a connection is used again only after an answer whose end is certain (RFC 9112 9.3)', () => {
  const persistent = (line: string, ...fields: string[]): boolean => headOf(line, ...fields).persistent;
  assert.ok(persistent('HTTP/1.1 200 OK', 'Content-Length: 0'));
  assert.ok(persistent('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'Connection: keep-alive'));
  assert.ok(persistent('HTTP/1.0 200 OK', 'Content-Length: 0', 'Connection: Keep-Alive'));
  assert.ok(persistent('HTTP/1.1 304 X'));
  assert.ok(persistent('HTTP/1.1 204 X', 'Content-Length: 0'));
  assert.ok(!persistent('HTTP/1.1 200 OK'));
  assert.ok(!persistent('HTTP/1.0 200 OK', 'Content-Length: 0'));
  assert.ok(!persistent('HTTP/1.1 200 OK', 'Content-Length: 0', 'Connection: x-a, Close'));
  assert.ok(!persistent('HTTP/1.0 200 OK', 'Content-Length: 0', 'Connection: keep-alive, close'));
});

test('a 204 that announces a body may send one: its connection is not used again', () => {
  assert.ok(!headOf('HTTP/1.1 204 X', 'Content-Length: 5').persistent);
  assert.ok(!headOf('HTTP/1.1 204 X', 'Transfer-Encoding: chunked').persistent);
});

test('connection options are read as on requests', () => {
  const head = headOf('HTTP/1.1 101 X', 'Connection: Upgrade, X-Hop', 'Upgrade: x');
  assert.deepEqual([head.upgrade, head.nominated], [true, ['x-hop']]);
});

test('the head is bounded in bytes and lines', () => {
  const start = 'HTTP/1.1 200 OK\r\nX: ';
  const fitting = `${start}${'a'.repeat(LIMITS.headBytes - start.length - 4)}\r\n\r\n`;
  assert.equal(parse(fitting).stop, LIMITS.headBytes);
  assert.equal(parse(fitting.replace('X: ', 'X: a')).stop, REFUSED);
  assert.equal(parse(`${fitting.slice(0, -4)}aaaa`).stop, REFUSED);
  assert.equal(parse(fitting.slice(0, -4)).stop, INCOMPLETE);
  assert.ok(!isRefused('HTTP/1.1 200 OK', ...Array.from({ length: 10 }, () => 'a: b')));
  assert.ok(isRefused('HTTP/1.1 200 OK', ...Array.from({ length: 11 }, () => 'a: b')));
});

test('every head cut at every byte needs more bytes, and is then read whole', () => {
  for (const text of [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: \t\xe9 \r\n\r\n',
    'HTTP/1.0 404\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: x, close\r\n\r\n',
  ]) {
    for (let length = 0; length < text.length; length++)
      assert.equal(parse(text.slice(0, length)).stop, INCOMPLETE, text.slice(0, length));
    assert.equal(parse(text).stop, text.length);
    assert.equal(parse(`${text}HTTP/1.1 200 OK\r\n\r\n`).stop, text.length);
  }
});

test('a head object that is used again has nothing of the answer before', () => {
  const parser = new ResponseHeadParser(LIMITS);
  const used = new ResponseHead();
  for (const text of [
    textOf('HTTP/1.0 204 Nothing', ['Content-Length: 5', 'Connection: keep-alive, upgrade, x-a', 'X-A: b']),
    textOf('HTTP/1.1 200 OK', []),
    textOf('HTTP/1.1 200 OK', ['Transfer-Encoding: chunked']),
  ]) {
    const bytes = Buffer.from(`${text}\0`, 'latin1');
    const fresh = new ResponseHead();
    parser.parse(bytes, 0, text.length, used, false);
    parser.parse(bytes, 0, text.length, fresh, false);
    const facts = ({ fields, ...rest }: ResponseHead): unknown => ({ ...rest, lines: [...fields.entries()] });
    assert.deepEqual(facts(used), facts(fresh));
  }
});
