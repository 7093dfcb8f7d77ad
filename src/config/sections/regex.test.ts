import assert from 'node:assert/strict';
import test from 'node:test';

import { parseRegex } from './regex.ts';

test('takes sources that repeat single characters, classes and nothing else', () => {
  for (const source of [
    '',
    'v[12]',
    String.raw`\d{1,3}\.\d+`,
    '(a|b)c?',
    '(?:foo|bar)?',
    '[(a+)]+',
    String.raw`\(a+\)+`,
    '(?<x>a)',
    'a+?',
  ])
    assert.deepEqual(parseRegex(source), { value: source }, source);
});

test('refuses a repeated group that repeats or branches, at any depth', () => {
  const traps = [
    '(a+)+',
    '(a*)*',
    '(a|a)*',
    '(a?)+',
    '((a)+)+',
    '(a(b+))*',
    '(?:a+){2,}',
    '(?=a+)*',
    '(?:(?:x+)y?)+',
    '(a{2})+',
    '(.*,){9}',
  ];
  for (const source of traps) assert.ok('refusals' in parseRegex(source), source);
});

test('refuses what does not compile with the flag u, and what only compiles inside a group', () => {
  for (const source of ['[', '(', 'a)(b', String.raw`\-`, '(?<n>a)(?<n>b)', 'a{2,1}', '*'])
    assert.ok('refusals' in parseRegex(source), source);
});

test('refuses more than 256 characters', () => {
  assert.ok('value' in parseRegex('a'.repeat(256)));
  assert.ok('refusals' in parseRegex('a'.repeat(257)));
});
