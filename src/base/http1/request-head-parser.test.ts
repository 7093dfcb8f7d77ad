import assert from 'node:assert/strict';
import test from 'node:test';

import { INCOMPLETE, REFUSED } from './field-lines.ts';
import { HEAD_OPEN, HeadBuffer } from './head-buffer.ts';
import type { HeadLimits } from './limits.ts';
import { RequestHeadParser } from './request-head-parser.ts';
import { RequestHead } from './request-head.ts';

const LIMITS: HeadLimits = { headBytes: 4096, headFields: 20, targetBytes: 1024 };
const HOST = 'Host: a.example\r\n';

interface Parsed {
  /** Bytes of the head, INCOMPLETE or REFUSED. */
  readonly stop: number;
  /** The refusal's code, or empty. */
  readonly code: string;
  readonly head: RequestHead;
}

/** Parses `text` somewhere in a buffer that goes on with what would complete any head. */
function parse(text: string, limits = LIMITS): Parsed {
  const parser = new RequestHeadParser(limits);
  const head = new RequestHead();
  const bytes = Buffer.from(`GET ${text}\0 HTTP/1.1\r\nHost: x\r\n\r\n`, 'latin1');
  const stop = parser.parse(bytes, 4, 4 + text.length, head);
  return { stop: stop > 0 ? stop - 4 : stop, code: stop === REFUSED ? parser.failure.code : '', head };
}

function accepted(text: string): RequestHead {
  const { stop, code, head } = parse(text);
  assert.equal(code, '', text);
  assert.equal(stop, text.length, text);
  return head;
}

test('a request line is method, target and version with one space between (RFC 9112 3)', () => {
  const head = accepted(`M-SEARCH /a/b?c=d HTTP/1.0\r\n${HOST}X-A: b\r\n\r\n`);
  assert.deepEqual([head.method, head.target, head.minorVersion], ['M-SEARCH', '/a/b?c=d', 0]);
  assert.equal(head.fields.get('x-a'), 'b');
});

test('any token is a method, in its own case (RFC 9110 9.1)', () => {
  for (const method of ['GET', 'get', 'PROPFIND', "!#$%&'*+-.^_`|~", 'A'.repeat(32)]) {
    assert.equal(accepted(`${method} / HTTP/1.1\r\n${HOST}\r\n`).method, method);
  }
});

test('the head ends at its blank line; what follows is left alone', () => {
  const text = `POST / HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\n`;
  const { stop } = parse(`${text}abcGET / HTTP/1.1\r\n\r\n`);
  assert.equal(stop, text.length);
});

test('one empty line before the request line is passed over, no more (RFC 9112 2.2)', () => {
  const text = `\r\nGET / HTTP/1.1\r\n${HOST}X-A: b\r\n\r\n`;
  assert.equal(accepted(text).fields.get('x-a'), 'b');
  assert.equal(parse(`\r\n${text}`).code, 'line_end_invalid');
  assert.equal(parse(`\n${text}`).code, 'line_end_invalid');
  assert.equal(parse('\rGET').code, 'line_end_invalid');
});

const REFUSALS: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'a method is a token (RFC 9110 9.1)',
    'request_line_malformed',
    [
      ' / HTTP/1.1',
      'G(T / HTTP/1.1',
      'G\xc9T / HTTP/1.1',
      'G\0T / HTTP/1.1',
      '\tGET / HTTP/1.1',
      ' GET / HTTP/1.1',
      'GET:/ HTTP/1.1',
      `${'A'.repeat(33)} / HTTP/1.1`,
    ],
  ],
  [
    'one space parts method and target (RFC 9112 3)',
    'request_target_invalid',
    ['GET  / HTTP/1.1', 'GET \t/ HTTP/1.1', 'GET  HTTP/1.1'],
  ],
  [
    'no other whitespace parts them',
    'request_line_malformed',
    ['GET\t/ HTTP/1.1', 'GET\x0b/ HTTP/1.1', 'GET\x0c/ HTTP/1.1', 'GET\xa0/ HTTP/1.1'],
  ],
  [
    'a target has no control byte, no space, no fragment, nothing above ASCII (RFC 9112 3.2)',
    'request_target_invalid',
    [
      'GET /\0 HTTP/1.1',
      'GET /\t HTTP/1.1',
      'GET /\x7f HTTP/1.1',
      'GET /\xe9 HTTP/1.1',
      'GET /a#b HTTP/1.1',
      'GET /\x0b HTTP/1.1',
    ],
  ],
  [
    'a version is HTTP/1.0 or HTTP/1.1, in capitals, and ends the line (RFC 9112 2.3)',
    'version_malformed',
    [
      'GET / http/1.1',
      'GET / HTTP/1.10',
      'GET / HTTP/11.1',
      'GET / HTTP/1,1',
      'GET / HTTP/a.b',
      'GET / HTTP/1.1 ',
      'GET / HTTP/1.1\t',
      'GET / HTTP/ 1.1',
      'GET / ICE/1.0',
      'GET / RTSP/1.0',
      'GET /a b HTTP/1.1',
      'GET / HTTP/1.1\0',
      'GET / HTTP/1.1x\n',
      'GET / HTTP-1.1',
    ],
  ],
  [
    'another version is not supported (RFC 9110 15.6.6)',
    'version_unsupported',
    ['GET / HTTP/0.9', 'GET / HTTP/1.2', 'GET / HTTP/2.0', 'GET / HTTP/3.0', 'PRI * HTTP/2.0'],
  ],
  [
    'a line without version is HTTP/0.9 and refused',
    'line_end_invalid',
    ['GET /', 'GET', 'GET / HTTP/1.1\n', 'GET / HTTP/1.1\rX', 'GET /\nHTTP/1.1'],
  ],
];

for (const [rule, code, lines] of REFUSALS) {
  test(rule, () => {
    for (const line of lines) {
      const result = parse(`${line}\r\n${HOST}\r\n`);
      assert.deepEqual([result.stop, result.code], [REFUSED, code], JSON.stringify(line));
    }
  });
}

test('the head is bounded in bytes, its blank line included (RFC 6585 5)', () => {
  const start = `GET / HTTP/1.1\r\n${HOST}`;
  const fitting = `${start}X: ${'a'.repeat(LIMITS.headBytes - start.length - 7)}\r\n\r\n`;
  assert.equal(fitting.length, LIMITS.headBytes);
  assert.equal(parse(fitting).stop, LIMITS.headBytes);
  assert.equal(parse(fitting.replace('X: ', 'X: a')).code, 'head_too_large');
  // Refused as soon as it is clear, not when the head ends.
  assert.equal(parse(fitting.slice(0, -4)).stop, INCOMPLETE);
  assert.equal(parse(`${fitting.slice(0, -4)}aaaa`).code, 'head_too_large');
});

test('lines and target are bounded (RFC 9110 15.5.15)', () => {
  const target = `/${'a'.repeat(LIMITS.targetBytes - 1)}`;
  assert.equal(accepted(`GET ${target} HTTP/1.1\r\n${HOST}\r\n`).target, target);
  assert.equal(parse(`GET ${target}a HTTP/1.1\r\n${HOST}\r\n`).code, 'target_too_long');
  assert.equal(parse(`GET ${target}a`).code, 'target_too_long');
  assert.equal(parse(`GET / HTTP/1.1\r\n${HOST}${'a: b\r\n'.repeat(19)}\r\n`).code, '');
  assert.equal(parse(`GET / HTTP/1.1\r\n${HOST}${'a: b\r\n'.repeat(20)}\r\n`).code, 'too_many_fields');
});

const HEADS: readonly string[] = [
  `GET / HTTP/1.1\r\n${HOST}\r\n`,
  `\r\nPOST /a?b HTTP/1.0\r\n${HOST}content-length: 12\r\nConnection: keep-alive, x\r\nX-Empty:\r\n\r\n`,
  `OPTIONS * HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nExpect: 100-continue\r\nX: \t\xe9 \t\r\n\r\n`,
  `GET http://A.example:80/x HTTP/1.1\r\nHOST:a.example:80\r\nUpgrade: x\r\nconnection:upgrade\r\n\r\n`,
];

const BROKEN_HEADS: readonly string[] = [
  'G(T / HTTP/1.1\r\n\r\n',
  'GET /\xe9 HTTP/1.1\r\n\r\n',
  'GET / HTTP/1.2\r\n\r\n',
  'GET / HTTX/1.1\r\n\r\n',
  'GET / HTTP/1.1\n\r\n',
  'GET / HTTP/1.1\r\n\r\n',
  `GET / HTTP/1.1\r\n${HOST}a : b\r\n\r\n`,
  `GET / HTTP/1.1\r\n${HOST}a: b\r\n c\r\n\r\n`,
  `GET / HTTP/1.1\r\n${HOST}a: \0\r\n\r\n`,
  `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`,
  `GET / HTTP/1.1\r\n${HOST}Content-Length: x\r\n\r\n`,
  `GET / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
];

/** Parses a head that arrives in two pieces as a connection does: collected, and looked at again when it may be complete. */
function parseInPieces(text: string, at: number): Parsed {
  const first = parse(text.slice(0, at));
  if (first.stop !== INCOMPLETE) return first;
  const buffer = new HeadBuffer(at);
  const bytes = Buffer.from(text, 'latin1');
  buffer.append(bytes, 0, at);
  buffer.scan();
  buffer.append(bytes, at, bytes.length);
  assert.notEqual(buffer.scan(), HEAD_OPEN, 'a complete head is taken for an open one');
  return parse(buffer.bytes.latin1Slice(0, buffer.length));
}

test('every head split at every byte parses the same', () => {
  for (const text of HEADS) {
    const { head } = parse(text);
    for (let at = 1; at < text.length; at++) {
      assert.equal(parse(text.slice(0, at)).stop, INCOMPLETE, `${JSON.stringify(text)} at ${at}`);
      const split = parseInPieces(text, at);
      assert.equal(split.stop, text.length);
      assert.deepEqual(split.head, head);
    }
  }
});

test('every broken head split at every byte is refused for the same reason', () => {
  for (const text of BROKEN_HEADS) {
    const { code } = parse(text);
    assert.notEqual(code, '', text);
    for (let at = 1; at < text.length; at++) {
      assert.equal(parseInPieces(text, at).code, code, `${JSON.stringify(text)} at ${at}`);
    }
  }
});

test('a head object that is used again has nothing of the request before', () => {
  const parser = new RequestHeadParser(LIMITS);
  const used = new RequestHead();
  const first = `POST /secret HTTP/1.0\r\nHost: one\r\nContent-Length: 5\r\nConnection: keep-alive, x-a\r\nX-A: 1\r\n\r\n`;
  const closing = `GET / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
  for (const text of [first, closing, ...HEADS]) {
    const bytes = Buffer.from(`${text}\0`, 'latin1');
    const fresh = new RequestHead();
    assert.equal(parser.parse(bytes, 0, text.length, used), text.length);
    parser.parse(bytes, 0, text.length, fresh);
    assert.deepEqual(facts(used), facts(fresh));
  }
});

test('a cleared head has nothing of the request before', () => {
  const head = accepted(
    `HEAD /secret HTTP/1.0\r\nHost: one\r\nContent-Length: 5\r\nConnection: keep-alive, x-a\r\nX-A: 1\r\n\r\n`,
  );
  head.clear();
  assert.deepEqual(facts(head), facts(new RequestHead()));
});

function facts(head: RequestHead): unknown {
  const { fields, ...rest } = head;
  return { ...rest, persistent: head.persistent, lines: [...fields.entries()] };
}
