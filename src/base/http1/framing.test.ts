import assert from 'node:assert/strict';
import test from 'node:test';

import { equalsIgnoreCase, hasPlainEnd, parseContentLength } from './framing.ts';

function lengthOf(text: string): number {
  const bytes = Buffer.from(`9${text}9`, 'latin1');
  return parseContentLength(bytes, 1, bytes.length - 1);
}

test('a length is one to fifteen digits, leading zeros included (RFC 9110 8.6)', () => {
  for (const [text, length] of [
    ['0', 0],
    ['00', 0],
    ['7', 7],
    ['0123', 123],
    ['4294967296', 4_294_967_296],
    ['999999999999999', 999_999_999_999_999],
  ] as const) {
    assert.equal(lengthOf(text), length, text);
  }
});

test('anything but digits, and what could overflow, is no length (RFC 9112 6.3)', () => {
  for (const text of [
    '',
    '-1',
    '+1',
    ' 1',
    '1 ',
    '1\t',
    '1,1',
    '1, 1',
    '1;',
    '0x1',
    '1e1',
    '1.0',
    '1\0',
    '1\x0b',
    '\xb2',
    'a',
    '/',
    ':',
    '1000000000000000',
    '18446744073709551616',
  ]) {
    assert.equal(lengthOf(text), -1, JSON.stringify(text));
  }
});

test('an empty or inverted range is no length', () => {
  assert.equal(parseContentLength(Buffer.from('123'), 1, 1), -1);
  assert.equal(parseContentLength(Buffer.from('123'), 2, 1), -1);
});

test('words are compared in any case of letters, and of nothing else', () => {
  const equals = (text: string, word: string): boolean => {
    const bytes = Buffer.from(`x${text}x`, 'latin1');
    return equalsIgnoreCase(bytes, 1, bytes.length - 1, word);
  };
  for (const text of ['chunked', 'CHUNKED', 'Chunked', 'cHuNkEd']) assert.ok(equals(text, 'chunked'), text);
  for (const text of [
    '',
    'chunke',
    'chunkedd',
    'chunked ',
    ' chunked',
    'chun\x4bed'.replace('K', '\x0b'),
    'ch\xf5nked',
  ]) {
    assert.ok(!equals(text, 'chunked'), JSON.stringify(text));
  }
  // The case bit of a byte that is no letter must not count: CR is not a hyphen.
  assert.ok(!equals('keep\ralive', 'keep-alive'));
  assert.ok(!equals('@', '`'));
});

test('only spaces may stand behind a value that decides the framing: others do not take a tab for whitespace', () => {
  const hasEnd = (text: string): boolean => hasPlainEnd(Buffer.from(text, 'latin1'), 1);
  for (const text of ['5\r\n', '5 \r\n', '5   \r\n']) assert.ok(hasEnd(text), JSON.stringify(text));
  for (const text of ['5\t\r\n', '5 \t\r\n', '5\t \r\n', '5x\r\n', '5\n', '5'])
    assert.ok(!hasEnd(text), JSON.stringify(text));
});
