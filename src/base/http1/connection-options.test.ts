import assert from 'node:assert/strict';
import test from 'node:test';

import { FieldList } from '../http/field-list.ts';
import { type ConnectionOptions, dropNominated, readConnectionOptions } from './connection-options.ts';
import { scanFieldLines } from './field-lines.ts';

function listOf(...lines: string[]): FieldList {
  const bytes = Buffer.from(`${lines.map((line) => `${line}\r\n`).join('')}\r\n\0`, 'latin1');
  const list = new FieldList();
  scanFieldLines(bytes, 0, bytes.length - 1, list, { base: 0, maxFields: 100, failure: { code: 'head_too_large' } });
  list.text = bytes.latin1Slice(0, bytes.length - 1);
  return list;
}

/** What `Connection` lines with these values say, or null when they are refused. */
function optionsOf(...values: string[]): ConnectionOptions | null {
  const options: ConnectionOptions = { close: false, keepAlive: false, upgrade: false, nominated: null };
  return readConnectionOptions(listOf(...values.map((value) => `Connection: ${value}`)), options) ? options : null;
}

test('close, keep-alive and upgrade are read in any case, from all lines and members (RFC 9110 7.6.1)', () => {
  assert.deepEqual(optionsOf('close'), { close: true, keepAlive: false, upgrade: false, nominated: null });
  assert.deepEqual(optionsOf('Keep-Alive', 'UPGRADE'), {
    close: false,
    keepAlive: true,
    upgrade: true,
    nominated: null,
  });
  assert.deepEqual(optionsOf('keep-alive ,\tClose'), { close: true, keepAlive: true, upgrade: false, nominated: null });
});

test('empty members are passed over (RFC 9110 5.6.1)', () => {
  assert.deepEqual(optionsOf('', ',', ' , close,, '), {
    close: true,
    keepAlive: false,
    upgrade: false,
    nominated: null,
  });
});

test('any other option names a field to remove, in lower case', () => {
  assert.deepEqual(optionsOf('X-A, x-b', 'X-C')?.nominated, ['x-a', 'x-b', 'x-c']);
  assert.deepEqual(optionsOf('constructor, __proto__')?.nominated, ['constructor', '__proto__']);
});

test('a field for all recipients cannot be nominated: a client would delete it on its way (CVE-2021-32813)', () => {
  for (const name of [
    'Authorization',
    'Cookie',
    'Host',
    'X-Forwarded-For',
    'X-Real-IP',
    'Forwarded',
    'Content-Length',
    'Via',
  ]) {
    assert.equal(optionsOf(name)?.nominated, null, name);
  }
  assert.deepEqual(optionsOf('Keep-Alive, Trailer, Transfer-Encoding')?.nominated, ['trailer', 'transfer-encoding']);
});

test('a member that is no token is refused (RFC 9110 5.6.2)', () => {
  for (const value of [
    'close x',
    'close;q=1',
    '"close"',
    'a/b',
    'clo\x7fse'.replace('\x7f', '\xe9'),
    'a:b',
    'x-a, (y)',
  ]) {
    assert.equal(optionsOf(value), null, value);
  }
});

test('a no-break space is no whitespace: `close` with one around it is no token', () => {
  for (const value of ['close\xa0', '\xa0close', '\xa0', 'x,\xa0y'])
    assert.equal(optionsOf(value), null, JSON.stringify(value));
});

test('every nominated line is dropped before anything is rewritten, known or not', () => {
  const list = listOf('X-A: 1', 'TE: trailers', 'x-a: 2', 'X-B: 3', 'Constructor: 4');
  dropNominated(list, ['x-a', 'te', 'constructor']);
  assert.deepEqual([...list.entries()], [['x-b', '3']]);
});
