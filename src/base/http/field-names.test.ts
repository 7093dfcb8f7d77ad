import assert from 'node:assert/strict';
import test from 'node:test';

import {
  FIELD_DROPPED,
  FIELD_ID,
  FIELD_ID_COUNT,
  FIELD_NAMES,
  FIELD_OTHER,
  fieldIdOf,
  fieldIdOfName,
  hashStep,
} from './field-names.ts';

function idOfBytes(name: string, pad = ''): number {
  const bytes = Buffer.from(`${pad}${name}:`, 'latin1');
  let hash = 0;
  for (const char of name.toLowerCase()) hash = hashStep(hash, char.charCodeAt(0));
  return fieldIdOf(bytes, pad.length, pad.length + name.length, hash);
}

test('every known name has an id of its own, apart from those of other and dropped lines', () => {
  const ids = Object.values(FIELD_ID);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(!ids.includes(FIELD_OTHER) && !ids.includes(FIELD_DROPPED));
  assert.equal(FIELD_ID_COUNT, ids.length + 2);
  for (const [name, id] of Object.entries(FIELD_ID)) assert.equal(FIELD_NAMES[id], name);
});

test('a known name is found in any case, as bytes and as text (RFC 9110 5.1)', () => {
  for (const [name, id] of Object.entries(FIELD_ID)) {
    for (const spelled of [name, name.toUpperCase(), name.replace(/^./, (first) => first.toUpperCase())]) {
      assert.equal(idOfBytes(spelled), id, spelled);
      assert.equal(idOfBytes(spelled, 'x: y\r\n'), id, spelled);
      assert.equal(fieldIdOfName(spelled), id, spelled);
    }
  }
});

test('names near a known one are other names', () => {
  for (const name of Object.keys(FIELD_ID)) {
    for (const near of [`${name}x`, `x${name}`, name.slice(1), name.slice(0, -1), name.replace('-', '_'), `${name}-`]) {
      if (near in FIELD_ID || near === '') continue;
      assert.equal(idOfBytes(near), FIELD_OTHER, near);
      assert.equal(fieldIdOfName(near), FIELD_OTHER, near);
    }
  }
});

test('a name with the hash of a known one does not pass for it: the bytes decide', () => {
  for (const [name, id] of Object.entries(FIELD_ID)) {
    let hash = 0;
    for (const char of name) hash = hashStep(hash, char.charCodeAt(0));
    const other = Buffer.from('x'.repeat(name.length), 'latin1');
    assert.equal(fieldIdOf(other, 0, other.length, hash), FIELD_OTHER);
    // A byte that differs from a letter in the case bit only: `@` and the backquote, `[` and `{`.
    const shifted = Buffer.from(name.replace('-', '\r'), 'latin1');
    assert.equal(fieldIdOf(shifted, 0, shifted.length, hash), name.includes('-') ? FIELD_OTHER : id);
  }
});

test('names of object properties are other names', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf']) {
    assert.equal(fieldIdOfName(name), FIELD_OTHER, name);
    assert.equal(idOfBytes(name), FIELD_OTHER, name);
  }
});
