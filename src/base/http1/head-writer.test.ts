import assert from 'node:assert/strict';
import test from 'node:test';

import { FieldList } from '../http/field-list.ts';
import { FIELD_ID } from '../http/field-names.ts';
import { REQUEST_NOT_COPIED } from '../http/field-rules.ts';
import { scanFieldLines } from './field-lines.ts';
import { copyLines, trailerLines } from './head-writer.ts';

function listOf(...lines: string[]): FieldList {
  const bytes = Buffer.from(`${lines.map((line) => `${line}\r\n`).join('')}\r\n\0`, 'latin1');
  const list = new FieldList();
  scanFieldLines(bytes, 0, bytes.length - 1, list, { base: 0, maxFields: 100, failure: { code: 'head_too_large' } });
  list.text = bytes.latin1Slice(0, bytes.length - 1);
  return list;
}

const copied = (list: FieldList): string => copyLines(list, REQUEST_NOT_COPIED);

test('lines are copied as received: order, case and inner whitespace', () => {
  assert.equal(copied(listOf('X-A:1', 'x-b:  2 ', 'X-A:\t3')), 'X-A:1\r\nx-b:  2 \r\nX-A:\t3\r\n');
});

test('marked lines are left out wherever they stand', () => {
  for (const lines of [
    ['Host: a', 'X-A: 1', 'X-B: 2'],
    ['X-A: 1', 'Connection: close', 'X-B: 2'],
    ['X-A: 1', 'X-B: 2', 'TE: trailers'],
    ['Host: a', 'Connection: close', 'X-A: 1', 'Upgrade: x', 'TE: y', 'X-B: 2', 'Content-Length: 3', 'Keep-Alive: z'],
  ]) {
    assert.equal(copied(listOf(...lines)), 'X-A: 1\r\nX-B: 2\r\n', lines.join());
  }
});

test('nothing is copied of a list without lines, or with marked ones only', () => {
  assert.equal(copied(listOf()), '');
  assert.equal(copied(listOf('Host: a', 'Connection: close')), '');
  assert.equal(copied(new FieldList()), '');
});

test('dropped lines are left out, added ones come last', () => {
  const list = listOf('X-A: 1', 'Via: x', 'X-B: 2');
  list.removeId(FIELD_ID.via);
  list.remove('X-b');
  list.add('X-New', '3');
  assert.equal(copied(list), 'X-A: 1\r\nX-New: 3\r\n');
  const onlyAdded = new FieldList();
  onlyAdded.add('X-New', '3');
  assert.equal(copied(onlyAdded), 'X-New: 3\r\n');
});

test('a list that is used again shows nothing of its earlier, longer content', () => {
  const list = listOf('X-A: 1', 'X-B: 2', 'X-C: 3');
  list.clear();
  assert.equal(copied(list), '');
  assert.equal(trailerLines(list), '');
});

test('trailers are written as received, none as an empty text (RFC 9112 7.1.2)', () => {
  assert.equal(trailerLines(null), '');
  assert.equal(trailerLines(listOf('X-Sum: 1', 'x-b:2')), 'X-Sum: 1\r\nx-b:2\r\n');
});

test('a trailer that was dropped is not written', () => {
  const list = listOf('X-A: 1', 'X-B: 2', 'X-C: 3');
  list.remove('x-b');
  assert.equal(trailerLines(list), 'X-A: 1\r\nX-C: 3\r\n');
});
