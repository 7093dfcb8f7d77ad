import assert from 'node:assert/strict';
import test from 'node:test';

import fc from 'fast-check';

import { formatDuration, parseDuration } from './duration.ts';

test('reads Go durations into milliseconds', () => {
  const cases = { '300ms': 300, '30s': 30_000, '5m': 300_000, '1h30m': 5_400_000, '720h': 2_592_000_000, '0s': 0 };
  for (const [text, ms] of Object.entries(cases)) assert.equal(parseDuration(text), ms, text);
});

test('reads fractions that are whole milliseconds', () => {
  const cases = { '1.5s': 1_500, '1.001s': 1_001, '0.5m': 30_000, '1h0.001s': 3_600_001, '1m500ms': 60_500 };
  for (const [text, ms] of Object.entries(cases)) assert.equal(parseDuration(text), ms, text);
});

test('reads a bare integer as seconds', () => {
  assert.equal(parseDuration('90'), 90_000);
  assert.equal(parseDuration('0'), 0);
});

test('refuses signs, blanks, unknown or repeated units, wrong order, bare fractions and parts of a millisecond', () => {
  const texts = [
    '',
    ' ',
    '-1s',
    '+1s',
    '1 s',
    ' 1s',
    '1s ',
    '1d',
    '1us',
    '1S',
    's',
    '1.s',
    '.5s',
    '1.5',
    '1e3',
    '1s1s',
    '1s1m',
  ];
  for (const text of [
    ...texts,
    '1ms1s',
    '0.5ms',
    '0.0001s',
    '5 minutes',
    '1h 30m',
    '٣s',
    '99999999999999999s',
    '999999999999999h',
  ]) {
    assert.equal(parseDuration(text), null, JSON.stringify(text));
  }
});

test("writes durations in Go's notation", () => {
  const cases = [
    [0, '0s'],
    [300, '300ms'],
    [15_000, '15s'],
    [1_500, '1.5s'],
    [61_500, '1m1.5s'],
    [60_000, '1m0s'],
    [3_600_000, '1h0m0s'],
    [90_015_000, '25h0m15s'],
    [0.4, '0s'],
    [-1_000, '-1s'],
    [-0.4, '0s'],
  ] as const;
  for (const [ms, text] of cases) assert.equal(formatDuration(ms), text);
});

test('reads back every duration it writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000_000 }), (ms) => {
      assert.equal(parseDuration(formatDuration(ms)), ms);
    }),
  );
});
