import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestHead } from '../http1/request-head.ts';
import { RequestHeadParser } from '../http1/request-head-parser.ts';
import { copyLines } from '../http1/head-writer.ts';
import { cookieValue, takeCookies } from './cookies.ts';
import type { FieldList } from './field-list.ts';
import { FIELD_ID_COUNT } from './field-names.ts';

function fieldsOf(...lines: readonly string[]): FieldList {
  const bytes = Buffer.from(
    `GET / HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n\0`,
    'latin1',
  );
  const head = new RequestHead();
  const parser = new RequestHeadParser({ headBytes: 65_536, headFields: 100, targetBytes: 1024 });
  assert.equal(parser.parse(bytes, 0, bytes.length - 1, head), bytes.length - 1);
  return head.fields;
}

/** Lines that are left, without Host. */
function linesLeft(fields: FieldList): string[] {
  const notCopied = new Uint8Array(FIELD_ID_COUNT);
  notCopied[1] = 1;
  return copyLines(fields, notCopied).split('\r\n').slice(1, -1);
}

function take(fields: FieldList, name: string): string[] {
  const values: string[] = [];
  takeCookies(fields, name, (value) => values.push(value));
  return values;
}

test('finds a cookie at the start, in the middle and at the end of the line', () => {
  for (const line of ['s=1; a=2; b=3', 'a=2; s=1; b=3', 'a=2; b=3; s=1', 'a=2;s=1', 'a=2;\t s=1 ; b=3']) {
    assert.equal(cookieValue(fieldsOf(`Cookie: ${line}`), 's'), '1', line);
  }
});

test('does not take a part of another name, another case or a value for the cookie', () => {
  for (const line of ['ss=1', 'xs=1', 'S=1', 'a=s=1', 'a=2, s=1', 's', 's =1', '"s=1"', '; ;;']) {
    assert.equal(cookieValue(fieldsOf(`Cookie: ${line}`), 's'), null, line);
  }
});

test('the first of two cookies with one name counts, over several lines as well (RFC 6265 5.4)', () => {
  assert.equal(cookieValue(fieldsOf('Cookie: s=1; s=2'), 's'), '1');
  assert.equal(cookieValue(fieldsOf('Cookie: a=1', 'Cookie: s=3; s=4'), 's'), '3');
});

test('a value may be empty and hold equals signs; quotes are part of it', () => {
  assert.equal(cookieValue(fieldsOf('Cookie: s='), 's'), '');
  assert.equal(cookieValue(fieldsOf('Cookie: s=a=b='), 's'), 'a=b=');
  assert.equal(cookieValue(fieldsOf('Cookie: s="q"'), 's'), '"q"');
  assert.equal(cookieValue(fieldsOf('Cookie: s=1\xa0; a=2'), 's'), '1\xa0');
});

test('takes out that cookie alone and leaves the others and the other lines as they came', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['s=1; a=2; b=3', 'a=2; b=3'],
    ['a=2; s=1; b=3', 'a=2; b=3'],
    ['a=2; b=3; s=1', 'a=2; b=3'],
    ['a=2;s=1', 'a=2'],
    ['a=2 ; s=1;', 'a=2'],
    ['a=2;  b=3 ;s=1 ; c=4', 'a=2;  b=3 ;c=4'],
    ['; s=1; a=2', '; a=2'],
    ['a=2; s=1; s=4; b=3; s=5', 'a=2; b=3'],
  ];
  for (const [before, after] of cases) {
    const fields = fieldsOf('X-One: 1', `Cookie: ${before}`, 'X-Two: 2', 'Accept: */*');
    assert.notEqual(take(fields, 's').length, 0);
    const left = linesLeft(fields);
    assert.equal(left[1], `Cookie: ${after}`, before);
    assert.deepEqual([left[0], ...left.slice(2)], ['X-One: 1', 'X-Two: 2', 'Accept: */*']);
    assert.equal(fields.get('x-two'), '2');
    assert.equal(fields.get('accept'), '*/*');
  }
});

test('a line with no other cookie is dropped', () => {
  const fields = fieldsOf('X-One: 1', 'Cookie: s=1', 'X-Two: 2');
  assert.deepEqual(take(fields, 's'), ['1']);
  assert.deepEqual(linesLeft(fields), ['X-One: 1', 'X-Two: 2']);
});

test('takes all cookies of the name out of several lines, in order', () => {
  const fields = fieldsOf('Cookie: a=1; s=1', 'Cookie: s=2', 'Cookie: s=3; b=1', 'X-Two: 2');
  assert.deepEqual(take(fields, 's'), ['1', '2', '3']);
  assert.deepEqual(linesLeft(fields), ['Cookie: a=1', 'Cookie: b=1', 'X-Two: 2']);
});

test('takes out thousands of cookies of the name from one line', () => {
  const fields = fieldsOf(`Cookie: a=1; ${'s=1;'.repeat(10_000)} b=2`, 'X-Two: 2');
  assert.equal(take(fields, 's').length, 10_000);
  assert.deepEqual(linesLeft(fields), ['Cookie: a=1; b=2', 'X-Two: 2']);
});

test('leaves a request without the cookie untouched', () => {
  const fields = fieldsOf('Cookie: a=1;;  b=2', 'X-Two: 2');
  const { text } = fields;
  assert.deepEqual(take(fields, 's'), []);
  assert.equal(fields.text, text);
});
