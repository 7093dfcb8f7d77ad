import { closeSync, openSync, readSync } from 'node:fs';

/** Ten times a configuration of 10,000 routes. */
const MAX_BYTES = 33_554_432;
const STEP_BYTES = 65_536;

/**
 * A text file of at most 32 MiB, read in steps: pipes have no length to ask for, and a device such as `/dev/zero` has no end.
 *
 * @throws as `fs.readFileSync` does, and with the code `EFBIG` when there is more
 */
export function readBoundedFile(path: string): string {
  const file = openSync(path, 'r');
  try {
    const parts: Buffer[] = [];
    for (let total = 0; total <= MAX_BYTES;) {
      const part = Buffer.allocUnsafe(STEP_BYTES);
      const count = readSync(file, part);
      if (count === 0) return Buffer.concat(parts).toString('utf8');
      parts.push(part.subarray(0, count));
      total += count;
    }
  } finally {
    closeSync(file);
  }
  throw Object.assign(new Error('file too large'), { code: 'EFBIG' });
}
