import assert from 'node:assert/strict';
import test from 'node:test';

import { ChunkedReader } from './chunked-reader.ts';
import { REFUSED } from './field-lines.ts';

interface ReadResult {
  /** Payload, latin1. */
  payload: string;
  /** Bytes of the input that belong to the body, or REFUSED. */
  used: number;
  done: boolean;
  code: string;
  trailers: [string, string][];
}

/** Reads `text` in pieces of these lengths, the last one repeated. */
function read(text: string, ...lengths: number[]): ReadResult {
  const reader = new ChunkedReader();
  const result: ReadResult = { payload: '', used: 0, done: false, code: '', trailers: [] };
  const sink = {
    chunkData: (bytes: Buffer, start: number, end: number) => void (result.payload += bytes.latin1Slice(start, end)),
  };
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0, piece = 0; at < bytes.length && !reader.done; piece++) {
    const length = Math.min(lengths[Math.min(piece, lengths.length - 1)] ?? bytes.length, bytes.length - at);
    // Every piece is a buffer of its own, that is gone after the call.
    const part = Buffer.from(`?${text.slice(at, at + length)}0\r\n\r\n`, 'latin1');
    const stop = reader.read(part, 1, 1 + length, sink);
    part.fill(0);
    if (stop === REFUSED) return { ...result, used: REFUSED, code: reader.code };
    at += length;
    result.used += stop - 1;
  }
  const list = reader.trailers;
  if (list !== null) result.trailers = [...list.entries()];
  return { ...result, done: reader.done };
}

const WHOLE: readonly (readonly [string, string, string])[] = [
  ['an empty body is its last chunk', '0\r\n\r\n', ''],
  ['chunks are joined', '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n', 'abcde'],
  ['sizes are hexadecimal in both cases', 'a\r\n0123456789\r\nB\r\n01234567890\r\n0\r\n\r\n', '012345678901234567890'],
  ['sizes may have leading zeros', '0003\r\nabc\r\n000\r\n\r\n', 'abc'],
  ['data may look like framing', '7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n', '0\r\n\r\n\r\n'],
  ['extensions are passed over', '3;a\r\nabc\r\n1;a=b;c="d e\\"\\\\;,"\r\nx\r\n0;z=1\r\n\r\n', 'abcx'],
];

for (const [rule, text, payload] of WHOLE) {
  test(`${rule} (RFC 9112 7.1)`, () => {
    assert.deepEqual(read(text), { payload, used: text.length, done: true, code: '', trailers: [] });
  });
}

test('bytes behind the last chunk belong to the next message', () => {
  const result = read('1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n');
  assert.deepEqual([result.used, result.done, result.payload], [11, true, 'a']);
});

test('every body reads the same however it is split: at each byte, and byte by byte', () => {
  const bodies = [...WHOLE.map(([, text]) => text), '2\r\nab\r\n0\r\nX-A: b\r\nX-C:\r\n\r\n'];
  for (const text of bodies) {
    const whole = read(text);
    for (let at = 1; at < text.length; at++)
      assert.deepEqual(read(text, at, text.length), whole, `${JSON.stringify(text)} at ${at}`);
    assert.deepEqual(read(text, 1), whole, JSON.stringify(text));
  }
});

test('a body that was cut short is not done', () => {
  const text = '3;a="b"\r\nabc\r\n0\r\nX-A: b\r\n\r\n';
  for (let length = 0; length < text.length; length++) {
    const result = read(text.slice(0, length));
    assert.deepEqual([result.done, result.used], [false, length], text.slice(0, length));
  }
});

const MALFORMED: readonly (readonly [string, readonly string[]])[] = [
  ['a size is at least one digit', ['\r\nabc', ';a\r\n']],
  ['a size is digits only', ['0x3\r\nabc', '+3\r\nabc', '-3\r\nabc', '3g\r\nabc', '3.0\r\nabc', '3_0\r\n', '\xb3\r\n']],
  [
    'a size has no whitespace around it',
    [' 3\r\nabc', '3 \r\nabc', '3\t\r\nabc', '\t3\r\n', '3 ;a\r\n', '\r\n3\r\nabc'],
  ],
  [
    'a size of more than 13 digits is refused before it overflows',
    ['00000000000003\r\nabc', 'ffffffffffffffff\r\n', '10000000000000000\r\n'],
  ],
  ['lines end with CR LF', ['3\nabc\r\n', '3\r\nabc\n', '3\rabc', '3\r\nabc\r0', '3;a\n', '0\n\r\n', '3\r\r\nabc']],
  ['data is exactly as long as its size', ['2\r\nabc\r\n0\r\n\r\n', '4\r\nabc\r\n0\r\n\r\n']],
  ['an extension has a name', ['3;\r\nabc', '3;;a\r\nabc', '3;=b\r\nabc', '3; a\r\nabc', '3;a;\r\nabc']],
  [
    'an extension has a value behind its sign',
    ['3;a=\r\nabc', '3;a=;b\r\nabc', '3;a= b\r\nabc', '3;a =b\r\nabc', '3;a=b=c\r\n', '3;a=b"c"\r\n'],
  ],
  [
    'a quoted value is closed and alone',
    ['3;a="b\r\nabc', '3;a="b"c\r\nabc', '3;a="b" \r\n', '3;a="\\\r\nabc', '3;a="\n"\r\n'],
  ],
  [
    'no control byte stands in an extension',
    ['3;a\0\r\n', '3;a=b\x0b\r\n', '3;a="\0"\r\n', '3;a="\\\0"\r\n', '3;\x7f\r\n', '3;a\xe9\r\n', '3;a=\xe9\r\n'],
  ],
];

for (const [rule, texts] of MALFORMED) {
  test(`${rule} (RFC 9112 7.1)`, () => {
    for (const text of texts) {
      const result = read(text);
      assert.deepEqual([result.used, result.code], [REFUSED, 'chunk_invalid'], JSON.stringify(text));
      assert.equal(read(text, 1).used, REFUSED, `${JSON.stringify(text)} byte by byte`);
    }
  });
}

test('the extensions of one chunk are bounded, and those of a whole body: CPU is not for free', () => {
  const long = (length: number): string => `;${'a'.repeat(length)}`;
  assert.ok(read(`1${long(256)}\r\na\r\n0\r\n\r\n`).done);
  assert.equal(read(`1${long(257)}\r\na\r\n0\r\n\r\n`).used, REFUSED);
  assert.ok(read(`${`1${long(200)}\r\na\r\n`.repeat(81)}0\r\n\r\n`).done);
  assert.equal(read(`${`1${long(200)}\r\na\r\n`.repeat(82)}0\r\n\r\n`).used, REFUSED);
});

test('trailers are read as fields (RFC 9112 7.1.2)', () => {
  const result = read('0\r\nX-Sum: 1\r\ngrpc-status:  0 \r\n\r\nnext');
  assert.deepEqual(result.trailers, [
    ['x-sum', '1'],
    ['grpc-status', '0'],
  ]);
  assert.equal(result.used, '0\r\nX-Sum: 1\r\ngrpc-status:  0 \r\n\r\n'.length);
});

test('a malformed or forbidden trailer is refused (RFC 9110 6.5.1)', () => {
  for (const line of [
    'Content-Length: 5',
    'Transfer-Encoding: chunked',
    'Host: evil',
    'Authorization: x',
    'Set-Cookie: a=b',
    'Connection: close',
    'Trailer: x',
    'X-A : b',
    ' X-A: b',
    'X-A',
    ': b',
    'X-A: \0',
    'X-A: b\n',
    '\n',
    '\rx',
    'X-A: b\r\n folded',
  ]) {
    const result = read(`0\r\n${line}\r\n\r\n`);
    assert.deepEqual([result.used, result.code], [REFUSED, 'trailer_invalid'], JSON.stringify(line));
  }
});

test('a trailer section is bounded in lines and bytes, at once and byte by byte', () => {
  const lines = (count: number): string => `0\r\n${'a: b\r\n'.repeat(count)}\r\n`;
  assert.ok(read(lines(32)).done);
  assert.equal(read(lines(33)).used, REFUSED);
  const long = (length: number): string => `0\r\na: ${'b'.repeat(length)}\r\n\r\n`;
  assert.ok(read(long(8000)).done);
  assert.equal(read(long(8192)).used, REFUSED);
  assert.equal(read(`0\r\na: ${'b'.repeat(9000)}`, 100).used, REFUSED, 'refused before its end comes');
});

test('a reader that is reset reads another body', () => {
  const reader = new ChunkedReader();
  let payload = '';
  const sink = {
    chunkData: (bytes: Buffer, start: number, end: number) => void (payload += bytes.latin1Slice(start, end)),
  };
  for (const text of ['1\r\na\r\n0\r\nX-A: b\r\n\r\n', '5;x="', '1\r\nb\r\n0\r\n\r\n']) {
    reader.reset();
    const bytes = Buffer.from(text, 'latin1');
    assert.equal(reader.read(bytes, 0, bytes.length, sink), bytes.length);
  }
  assert.ok(reader.done);
  assert.equal(reader.trailers, null);
  assert.equal(payload, 'ab');
});
