import assert from 'node:assert/strict';
import test from 'node:test';

import { lineText, shortText } from './printable.ts';

test('control characters become escapes, so that no value can drive the terminal or fake a line', () => {
  assert.equal(lineText('a\nb\r\t\u001b[31mc\u009b\u007f'), String.raw`a\nb\r\t\u001b[31mc\u009b\u007f`);
  assert.equal(lineText('\u202egnp.exe\u2066\u2028'), String.raw`\u202egnp.exe\u2066\u2028`);
});

test('other text is left as it is', () => {
  for (const text of ['', 'http://a/b?c=d', 'Zürich … 東京 🙂']) assert.equal(lineText(text), text);
});

test('a long text is cut between characters', () => {
  assert.equal(shortText('🙂🙂🙂', 3), '🙂🙂🙂');
  assert.equal(shortText('🙂🙂🙂🙂', 3), '🙂🙂…');
});
