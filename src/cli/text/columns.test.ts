import assert from 'node:assert/strict';
import test from 'node:test';

import { columns } from './columns.ts';
import { colourStyle } from './style.ts';

test('columns are as wide as their widest cell, numbers stand to the right, no line ends in blanks', () => {
  const text = columns(
    [
      ['NAME', 'RATE', 'STATE'],
      ['a', '1.0', ''],
      ['longer', '10.25', 'up'],
    ],
    { right: [1] },
  );
  assert.equal(text, 'NAME     RATE  STATE\na         1.0\nlonger  10.25  up\n');
});

test('colours do not count as width', () => {
  const [first = '', second = ''] = columns([
    [colourStyle('bad', 'ab'), 'x'],
    ['abc', 'y'],
  ]).split('\n');
  assert.equal(first, `${colourStyle('bad', 'ab')}   x`);
  assert.equal(second, 'abc  y');
});

test('one very long cell does not push all other rows aside', () => {
  const text = columns(
    [
      ['short', 'x'],
      ['l'.repeat(60), 'y'],
    ],
    { indent: '> ' },
  );
  assert.equal(text, `> short  x\n> ${'l'.repeat(60)}  y\n`);
});
