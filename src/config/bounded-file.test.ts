import assert from 'node:assert/strict';
import test from 'node:test';

import { readBoundedFile } from './bounded-file.ts';
import { readReason } from './read-reason.ts';

test('a file is read whole', () => {
  assert.ok(readBoundedFile(import.meta.filename).endsWith('});\n'));
});

test('a file without end is refused, in words', () => {
  assert.throws(
    () => readBoundedFile('/dev/zero'),
    (error: unknown) => readReason(error) === 'it has more than 32 MiB',
  );
});

test('a missing file and a folder are told as before', () => {
  assert.throws(() => readBoundedFile('/no/such'), { code: 'ENOENT' });
  assert.throws(() => readBoundedFile(import.meta.dirname), { code: 'EISDIR' });
});
