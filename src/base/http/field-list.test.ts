import assert from 'node:assert/strict';
import test from 'node:test';

import { scanFieldLines } from '../http1/field-lines.ts';
import { FieldList } from './field-list.ts';
import { FIELD_DROPPED, FIELD_ID, FIELD_OTHER } from './field-names.ts';

/** A list as the parser makes it. */
function listOf(...lines: string[]): FieldList {
  const bytes = Buffer.from(`${lines.map((line) => `${line}\r\n`).join('')}\r\n\0`, 'latin1');
  const list = new FieldList();
  const stop = scanFieldLines(bytes, 0, bytes.length - 1, list, {
    base: 0,
    maxFields: 100,
    failure: { code: 'head_too_large' },
  });
  assert.equal(stop, bytes.length - 1);
  list.text = bytes.latin1Slice(0, stop);
  return list;
}

test('lines keep their order, case and inner whitespace; whitespace around values is gone (RFC 9110 5.5)', () => {
  const list = listOf('Host: a', 'X-One:\t b \t c \t', 'x-two:', 'COOKIE: é');
  assert.equal(list.count, 4);
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => list.nameAt(i)),
    ['Host', 'X-One', 'x-two', 'COOKIE'],
  );
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => list.valueAt(i)),
    ['a', 'b \t c', '', 'é'],
  );
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => list.idAt(i)),
    [FIELD_ID.host, FIELD_OTHER, FIELD_OTHER, FIELD_ID.cookie],
  );
});

test('lines of one name are found in their order and joined by a comma (RFC 9110 5.3)', () => {
  const list = listOf('Via: a', 'X: y', 'via: b', 'VIA: c, d');
  assert.equal(list.indexOf(FIELD_ID.via), 0);
  assert.equal(list.indexOf(FIELD_ID.via, 1), 2);
  assert.equal(list.indexOf(FIELD_ID.via, 4), -1);
  assert.equal(list.first(FIELD_ID.via), 'a');
  assert.equal(list.joined(FIELD_ID.via), 'a, b, c, d');
  assert.equal(list.first(FIELD_ID.host), null);
  assert.equal(list.joined(FIELD_ID.host), null);
});

test('an empty value is a value', () => {
  const list = listOf('Via:');
  assert.equal(list.first(FIELD_ID.via), '');
  assert.equal(list.joined(FIELD_ID.via), '');
  assert.equal(list.get('via'), '');
});

test('names are looked up in any case, known or not (RFC 9110 5.1)', () => {
  const list = listOf('Accept: a', 'X-Own: b', 'Constructor: c');
  assert.equal(list.get('ACCEPT'), 'a');
  assert.equal(list.get('x-own'), 'b');
  assert.equal(list.get('X-OWN'), 'b');
  assert.equal(list.get('constructor'), 'c');
  assert.equal(list.get('__proto__'), null);
  assert.equal(list.get('x-missing'), null);
});

test('removing a name drops all its lines and no other', () => {
  const list = listOf('X-A: 1', 'Accept: 2', 'x-a: 3', 'X-Ab: 4', 'accept: 5', 'constructor: 6', '__proto__: 7');
  list.remove('x-A');
  list.remove('Accept');
  list.remove('Constructor');
  list.remove('__PROTO__');
  assert.deepEqual([...list.entries()], [['x-ab', '4']]);
  assert.equal(list.get('x-a'), null);
  assert.equal(list.get('accept'), null);
  assert.equal(list.indexOf(FIELD_ID.accept), -1);
});

test('a dropped line is no longer seen', () => {
  const list = listOf('Via: a', 'Via: b');
  list.dropAt(0);
  assert.equal(list.idAt(0), FIELD_DROPPED);
  assert.equal(list.first(FIELD_ID.via), 'b');
  list.removeId(FIELD_ID.via);
  assert.equal(list.first(FIELD_ID.via), null);
});

test('entries are the lines that are left, in lower case, then those added', () => {
  const list = listOf('Host: a', 'X-B: c: d', 'Via: e');
  list.removeId(FIELD_ID.host);
  list.add('X-New', 'f: g');
  list.add('Empty', '');
  assert.deepEqual(
    [...list.entries()],
    [
      ['x-b', 'c: d'],
      ['via', 'e'],
      ['x-new', 'f: g'],
      ['empty', ''],
    ],
  );
});

test('a cleared list has nothing of the lines before', () => {
  const list = listOf('Host: a', 'X-B: c');
  list.add('X-New', 'd');
  list.clear();
  assert.deepEqual([...list.entries()], []);
  assert.equal(list.indexOf(FIELD_ID.host), -1);
  assert.equal(list.get('x-b'), null);
  list.push(FIELD_ID.via, 0, 3, 5, 6, 8);
  list.text = 'Via: z\r\n';
  assert.deepEqual([...list.entries()], [['via', 'z']]);
});
