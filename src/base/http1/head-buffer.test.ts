import assert from 'node:assert/strict';
import test from 'node:test';

import { HEAD_BROKEN, HEAD_COMPLETE, HEAD_OPEN, HeadBuffer } from './head-buffer.ts';

/** State after each byte of `text`, as one digit per byte; ends at the first that is not open. */
function scanByBytes(text: string): number {
  const buffer = new HeadBuffer(4);
  const bytes = Buffer.from(text, 'latin1');
  for (let i = 0; i < bytes.length; i++) {
    buffer.append(bytes, i, i + 1);
    const state = buffer.scan();
    if (state !== HEAD_OPEN) {
      assert.equal(i, bytes.length - 1, `settled too early in ${JSON.stringify(text)}`);
      return state;
    }
  }
  return HEAD_OPEN;
}

function scanWhole(text: string): number {
  const buffer = new HeadBuffer(4);
  buffer.append(Buffer.from(text, 'latin1'), 0, text.length);
  return buffer.scan();
}

test('a head is complete at its blank line, in one piece and byte by byte', () => {
  for (const text of [
    'GET / HTTP/1.1\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    'x\r\n\r\n',
    '\r\nGET / HTTP/1.1\r\n\r\n',
  ]) {
    assert.equal(scanByBytes(text), HEAD_COMPLETE, JSON.stringify(text));
    assert.equal(scanWhole(text), HEAD_COMPLETE);
  }
});

test('one empty line before the request line is no end (RFC 9112 2.2), two are', () => {
  assert.equal(scanByBytes('\r\n'), HEAD_OPEN);
  assert.equal(scanByBytes('\r\n\r\n'), HEAD_COMPLETE);
});

test('an open head stays open', () => {
  for (const text of [
    '',
    'GET / HTTP/1.1',
    'GET / HTTP/1.1\r',
    'GET / HTTP/1.1\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\n\r',
  ]) {
    assert.equal(scanByBytes(text), HEAD_OPEN, JSON.stringify(text));
  }
});

test('a bare CR, a bare LF and a NUL break a head before the rest arrives (RFC 9112 2.2)', () => {
  for (const text of ['a\n', 'a\rb', 'a\r\r', 'a\0', '\n', '\0', 'a: b\r\nc\n', 'a: b\r\n\rx']) {
    assert.equal(scanByBytes(text), HEAD_BROKEN, JSON.stringify(text));
    assert.equal(scanWhole(text), HEAD_BROKEN);
  }
});

test('a broken head stays broken', () => {
  const buffer = new HeadBuffer(4);
  const bytes = Buffer.from('a\nb\r\n\r\n', 'latin1');
  buffer.append(bytes, 0, 2);
  assert.equal(buffer.scan(), HEAD_BROKEN);
  buffer.append(bytes, 2, bytes.length);
  assert.equal(buffer.scan(), HEAD_BROKEN);
});

test('bytes behind the blank line are kept and not looked at', () => {
  const buffer = new HeadBuffer(4);
  const bytes = Buffer.from('a\r\n\r\n\0\n\r', 'latin1');
  buffer.append(bytes, 0, bytes.length);
  assert.equal(buffer.scan(), HEAD_COMPLETE);
  assert.equal(buffer.bytes.latin1Slice(0, buffer.length), 'a\r\n\r\n\0\n\r');
});

test('the collected bytes are copies with room for the sentinel, however they arrive', () => {
  const text = 'abcdefghij'.repeat(50);
  for (const size of [1, 3, 64, 499, 500]) {
    const buffer = new HeadBuffer(1);
    const source = Buffer.from(text, 'latin1');
    for (let at = 0; at < source.length; at += size) buffer.append(source, at, Math.min(source.length, at + size));
    source.fill(0);
    assert.equal(buffer.length, text.length);
    assert.ok(buffer.bytes.length > buffer.length);
    assert.equal(buffer.bytes.latin1Slice(0, buffer.length), text);
  }
});
