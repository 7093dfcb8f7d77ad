import assert from 'node:assert/strict';
import test from 'node:test';

import { formatByteSize, parseByteSize } from './byte-size.ts';

test('reads bare integers as bytes, KB as 1000 and KiB as 1024 bytes, in any case', () => {
  const cases = { '0': 0, '512': 512, '512B': 512, '1KB': 1_000, '64KiB': 65_536, '64kib': 65_536, '10MB': 10_000_000 };
  for (const [text, bytes] of Object.entries({ ...cases, '1MiB': 1_048_576, '2GB': 2e9, '1GiB': 1_073_741_824 })) {
    assert.equal(parseByteSize(text), bytes, text);
  }
});

test('refuses signs, blanks, fractions, unknown units and what is no safe integer', () => {
  for (const text of [
    '',
    '-1',
    '+1',
    '1 KB',
    ' 1',
    '1.5KB',
    'KB',
    '1K',
    '1TB',
    '0x10',
    '1e3',
    '9007199254740993',
    '9999999999GB',
  ]) {
    assert.equal(parseByteSize(text), null, JSON.stringify(text));
  }
});

test('writes sizes in the largest unit without a rest', () => {
  const cases = [0, 1_000, 1_024, 65_536, 1_048_576, 1_048_577, 3_221_225_472].map(formatByteSize);
  assert.deepEqual(cases, ['0B', '1000B', '1KiB', '64KiB', '1MiB', '1048577B', '3GiB']);
});
