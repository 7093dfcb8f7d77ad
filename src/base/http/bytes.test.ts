import assert from 'node:assert/strict';
import test from 'node:test';

import { FIELD_VALUE_BYTE, HEX_VALUE, isToken, TARGET_BYTE, TOKEN_LOWER } from './bytes.ts';

const TCHAR = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

test('token bytes are those of RFC 9110 5.6.2, given in lower case', () => {
  for (let byte = 0; byte < 256; byte++) {
    const char = String.fromCharCode(byte);
    assert.equal(TOKEN_LOWER[byte], TCHAR.includes(char) ? char.toLowerCase().charCodeAt(0) : 0, `byte ${byte}`);
  }
});

test('a field value holds tab, space, visible ASCII and obs-text, no control byte (RFC 9110 5.5)', () => {
  for (let byte = 0; byte < 256; byte++) {
    const allowed = byte === 0x09 || (byte >= 0x20 && byte !== 0x7f);
    assert.equal(FIELD_VALUE_BYTE[byte], allowed ? 1 : 0, `byte ${byte}`);
  }
});

test('a target holds visible ASCII without the fragment sign (RFC 9112 3.2)', () => {
  for (let byte = 0; byte < 256; byte++) {
    assert.equal(TARGET_BYTE[byte], byte > 0x20 && byte < 0x7f && byte !== 0x23 ? 1 : 0, `byte ${byte}`);
  }
});

test('hexadecimal digits have their value in both cases, all else has 255', () => {
  for (let byte = 0; byte < 256; byte++) {
    const char = String.fromCharCode(byte);
    assert.equal(HEX_VALUE[byte], /[0-9a-fA-F]/.test(char) ? Number.parseInt(char, 16) : 255, `byte ${byte}`);
  }
});

test('every table ends an inner loop at the sentinel 0', () => {
  assert.deepEqual([TOKEN_LOWER[0], FIELD_VALUE_BYTE[0], TARGET_BYTE[0]], [0, 0, 0]);
});

test('a token is one or more token bytes and nothing else', () => {
  assert.ok(isToken(TCHAR));
  for (const text of ['', ' ', 'a b', 'a\n', '\na', 'a:', 'é', 'a,b', '"a"', 'a\0'])
    assert.ok(!isToken(text), JSON.stringify(text));
});
