import assert from 'node:assert/strict';
import test from 'node:test';

import { FieldList } from '../http/field-list.ts';
import { FIELD_ID, FIELD_OTHER } from '../http/field-names.ts';
import { type FieldScan, INCOMPLETE, placeSentinel, REFUSED, refuse, scanFieldLines } from './field-lines.ts';

interface Scanned {
  readonly stop: number;
  readonly code: string;
  readonly list: FieldList;
}

/** Scans `text` as the lines behind a first line, in a buffer that goes on with what would complete any head. */
function scan(text: string, maxFields = 10): Scanned {
  const pad = 'first line\r\n';
  const bytes = Buffer.from(`${pad}${text}\0x: y\r\n\r\n`, 'latin1');
  const list = new FieldList();
  const input: FieldScan = { base: 4, maxFields, failure: { code: 'head_too_large' } };
  const end = pad.length + text.length;
  const stop = scanFieldLines(bytes, pad.length, end, list, input);
  list.text = bytes.latin1Slice(4, end);
  return { stop: stop > 0 ? stop - pad.length : stop, code: input.failure.code, list };
}

test('the scan ends behind the blank line, whatever follows (RFC 9112 2.1)', () => {
  assert.equal(scan('\r\n').stop, 2);
  assert.equal(scan('a: b\r\n\r\n').stop, 8);
  assert.equal(scan('a: b\r\n\r\nbody\r\n\r\n').stop, 8);
});

test('spans are relative to the base', () => {
  const { list } = scan('Host:  a \r\nX-Y:z\r\n\r\n');
  assert.equal(list.count, 2);
  assert.deepEqual([list.idAt(0), list.nameAt(0), list.valueAt(0)], [FIELD_ID.host, 'Host', 'a']);
  assert.deepEqual([list.idAt(1), list.nameAt(1), list.valueAt(1)], [FIELD_OTHER, 'X-Y', 'z']);
});

test('a value may be empty, of blanks only, and hold tabs and obs-text (RFC 9110 5.5)', () => {
  const { list } = scan('a:\r\nb: \t \r\nc: x\ty\r\nd: \xe9\xff\r\n\r\n');
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => list.valueAt(i)),
    ['', '', 'x\ty', '\xe9\xff'],
  );
});

const REFUSALS: readonly (readonly [string, string, string])[] = [
  ['a bare LF ends no line (RFC 9112 2.2)', 'a: b\n\r\n', 'line_end_invalid'],
  ['a bare LF ends no head (RFC 9112 2.2)', 'a: b\r\n\n', 'line_end_invalid'],
  ['a bare CR ends no line (RFC 9112 2.2)', 'a: b\rc: d\r\n\r\n', 'line_end_invalid'],
  ['a bare CR ends no head (RFC 9112 2.2)', 'a: b\r\n\rx', 'line_end_invalid'],
  ['a line without a colon is refused (RFC 9112 5)', 'abc\r\n\r\n', 'line_end_invalid'],
  ['a space before the colon is refused (RFC 9112 5.1)', 'a : b\r\n\r\n', 'header_name_invalid'],
  ['a tab before the colon is refused (RFC 9112 5.1)', 'a\t: b\r\n\r\n', 'header_name_invalid'],
  ['an empty name is refused (RFC 9110 5.1)', ': b\r\n\r\n', 'header_name_invalid'],
  ['whitespace before the first name is refused (RFC 9112 2.2)', ' a: b\r\n\r\n', 'header_name_invalid'],
  ['a line folded by a space is refused (RFC 9112 5.2)', 'a: b\r\n c\r\n\r\n', 'header_folded'],
  ['a line folded by a tab is refused (RFC 9112 5.2)', 'a: b\r\n\tc\r\n\r\n', 'header_folded'],
  ['a name that is no token is refused (RFC 9110 5.6.2)', 'a(b: c\r\n\r\n', 'header_name_invalid'],
  ['obs-text in a name is refused', 'a\xe9: c\r\n\r\n', 'header_name_invalid'],
  ['NUL in a name is refused', 'a\0b: c\r\n\r\n', 'header_name_invalid'],
  ['NUL in a value is refused (RFC 9110 5.5)', 'a: b\0c\r\n\r\n', 'header_value_invalid'],
  ['a vertical tab in a value is refused', 'a: b\x0bc\r\n\r\n', 'header_value_invalid'],
  ['DEL in a value is refused', 'a: b\x7f\r\n\r\n', 'header_value_invalid'],
];

for (const [rule, text, code] of REFUSALS) {
  test(rule, () => {
    const { stop, code: found } = scan(text);
    assert.deepEqual([stop, found], [REFUSED, code]);
  });
}

test('the number of lines is bounded, the blank line not counted', () => {
  const lines = 'a: b\r\n'.repeat(3);
  assert.equal(scan(`${lines}\r\n`, 3).stop, lines.length + 2);
  const { stop, code } = scan(`${lines}\r\n`, 2);
  assert.deepEqual([stop, code], [REFUSED, 'too_many_fields']);
});

test('every beginning of valid lines needs more bytes, and reads nothing behind its end', () => {
  const text = 'Host: a.example\r\nX-Empty:\r\nX: \t b \t\r\n\r\n';
  for (let length = 0; length < text.length; length++) {
    assert.equal(scan(text.slice(0, length)).stop, INCOMPLETE, JSON.stringify(text.slice(0, length)));
  }
  assert.equal(scan(text).stop, text.length);
});

test('refusing stores the code', () => {
  const failure: FieldScan['failure'] = { code: 'head_too_large' };
  assert.equal(refuse({ failure }, 'host_missing'), REFUSED);
  assert.equal(failure.code, 'host_missing');
});

test('a buffer without room for the sentinel is a defect of the caller and throws', () => {
  const bytes = Buffer.from('abcd');
  placeSentinel(bytes, 3);
  assert.equal(bytes[3], 0);
  assert.throws(() => placeSentinel(bytes, 4), RangeError);
});
